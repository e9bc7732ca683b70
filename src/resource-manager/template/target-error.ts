import type { JsonObject } from "../../core/json.ts";

/** Failure of a call to the deployment's target. */
export class TargetError extends Error {
  override readonly name = "TargetError";
  /** The error in Resource Manager's form: `{code, message, details}`. */
  readonly body: JsonObject;

  constructor(body: JsonObject) {
    const { message } = body;
    super(typeof message === "string" ? message : JSON.stringify(body));
    this.body = body;
  }
}
