import type { JsonObject } from "../../core/json.ts";

/** The error that a deployment's target failed with. */
export class TargetError extends Error {
  override readonly name = "TargetError";
  /** As Resource Manager shows it: `{code, message, details}`. */
  readonly body: JsonObject;

  constructor(body: JsonObject) {
    const { message } = body;
    super(typeof message === "string" ? message : JSON.stringify(body));
    this.body = body;
  }
}
