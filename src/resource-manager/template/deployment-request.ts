import type { JsonObject } from "../../core/json.ts";
import type { DeploymentScope } from "./expressions/evaluation.ts";
import type { SecretValues } from "./secret-values.ts";

/** A template, its parameters (`{name: {value}}`) and the scope of its deployment. */
export interface DeploymentRequest {
  readonly template: JsonObject;
  readonly parameters: JsonObject;
  readonly scope: DeploymentScope;
  /** Collects the secrets of the whole deployment, nested deployments included. */
  readonly secrets: SecretValues;
  /** Object with the definitions that types of outputs refer to; the template itself by default. */
  readonly outputDefinitions?: JsonObject;
}
