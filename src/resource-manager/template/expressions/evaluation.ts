import type { Budget } from "../../../core/budget.ts";
import type { JsonValue } from "../../../core/json.ts";

/** The scope of a deployment, as template functions show it. */
export interface DeploymentScope {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** `undefined` for a deployment to a subscription. */
  readonly resourceGroup:
    | { readonly id: string; readonly name: string; readonly location: string; readonly tags: JsonValue }
    | undefined;
  readonly deployment: { readonly name: string; readonly location: string | undefined };
  /** The value of `utcNow()` during the whole deployment, in milliseconds since 1970. */
  readonly now: number;
}

/**
 * The names and values that expressions can refer to. Both the evaluator and the functions of the language depend on
 * this interface, and neither on the other's file. Lookups return promises, since `reference` and `list…` wait until
 * the resource that they name is deployed. All of them reject with a `TemplateError`.
 */
export interface Evaluation {
  readonly scope: DeploymentScope;
  /** The budget that is left to the whole deployment, nested deployments included. */
  readonly budget: Budget;
  parameter(name: string): Promise<JsonValue>;
  variable(name: string): Promise<JsonValue>;
  /** Returns the state of a resource, by id, name or symbolic name. */
  reference(target: string, apiVersion: string | undefined, full: boolean): Promise<JsonValue>;
  /** Returns the result of a `list…` action of a resource. */
  list(action: string, target: string, apiVersion: string, body: JsonValue | undefined): Promise<JsonValue>;
  /** Returns the current round of the named loop, or of the innermost one; `undefined` outside loops. */
  copyIndex(loop: string | undefined): number | undefined;
  /** Evaluates a function that the template itself defines; `undefined` when it defines none of this name. */
  userFunction(name: string, args: readonly JsonValue[]): Promise<JsonValue | undefined>;
  /** Returns the value of a lambda variable, by name in lower case; `undefined` if none of that name is in scope. */
  lambdaVariable(name: string): JsonValue | undefined;
}
