import type { JsonObject } from "../../core/json.ts";
import type { DeploymentScope } from "./expressions/evaluation.ts";
import type { SecretValues } from "./secret-values.ts";

/** A template, its parameters (`{name: {value}}`), and where it goes. */
export interface DeploymentRequest {
  readonly template: JsonObject;
  readonly parameters: JsonObject;
  readonly scope: DeploymentScope;
  /** Collects the secrets of the whole deployment, nested deployments included. */
  readonly secrets: SecretValues;
  /** Where the types of the outputs are defined, if not in the template. */
  readonly outputDefinitions?: JsonObject;
}
