import { assertNever, RingmainError, toError, type ErrorCode } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { DeployedResource } from "../core/resources/resources.ts";
import type { DeploymentOutcome, DeploymentTarget } from "../resource-manager/template/deploy-template.ts";
import type { DeploymentOrder, SentDeployment } from "../resource-manager/template/template-evaluator.ts";
import { TargetError } from "../resource-manager/template/target-error.ts";
import { TemplateError, type TemplateErrorCode } from "../resource-manager/template/template-error.ts";

/** A request to a thread. The thread works on it until it sends a {@link Stop}. */
export type Task =
  | { readonly kind: "open"; readonly sent: SentDeployment }
  | { readonly kind: "validate" }
  | { readonly kind: "deploy" }
  | CallResult;

/** Methods of a deployment's target that a thread waits for. */
export type CallName = Exclude<keyof DeploymentTarget, "ended">;

/** A call of a deployment's target. */
export type Call = {
  readonly [Name in CallName]: {
    readonly kind: "call";
    readonly call: number;
    readonly name: Name;
    readonly args: Parameters<DeploymentTarget[Name]>;
  };
}[CallName];

/** Result of a call. */
export type CallResult =
  | { readonly kind: "resolved"; readonly call: number; readonly value: unknown }
  | { readonly kind: "rejected"; readonly call: number; readonly failure: Failure };

/** The message that ends a thread's work on a {@link Task}. The thread then waits for the next task. */
export type Stop =
  | Call
  | { readonly kind: "opened"; readonly order: DeploymentOrder }
  | { readonly kind: "validated"; readonly resources: readonly DeployedResource[] }
  | { readonly kind: "deployed"; readonly outcome: DeploymentOutcome }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The message that the deployment of a resource has ended. The thread continues. */
export interface Ended {
  readonly kind: "ended";
  readonly resource: DeployedResource;
  readonly failure: Failure | undefined;
}

/** An error in a form that can be sent between threads. */
export type Failure =
  | { readonly kind: "template"; readonly code: TemplateErrorCode; readonly message: string }
  | { readonly kind: "target"; readonly body: JsonObject }
  | { readonly kind: "ringmain"; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: "other"; readonly message: string; readonly stack: string | undefined };

/** Converts an error for sending it to another thread. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof TemplateError) return { kind: "template", code: thrown.code, message: thrown.message };
  if (thrown instanceof TargetError) return { kind: "target", body: thrown.body };
  if (thrown instanceof RingmainError) return { kind: "ringmain", code: thrown.code, message: thrown.message };
  const { message, stack } = toError(thrown);
  return { kind: "other", message, stack };
}

/** Converts a failure from another thread back to an error. */
export function errorOf(failure: Failure): Error {
  switch (failure.kind) {
    case "template":
      return new TemplateError(failure.code, failure.message);
    case "target":
      return new TargetError(failure.body);
    case "ringmain":
      return new RingmainError(failure.code, failure.message);
    case "other":
      return new RingmainError("internal", failure.message, { cause: failure.stack });
    default:
      return assertNever(failure);
  }
}
