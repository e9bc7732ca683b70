import { ERRORS, type ErrorCode, type RingmainError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";

/** Where Resource Manager has a name of its own for what the publish endpoint also answers. */
const ARM_CODES: Partial<Readonly<Record<ErrorCode, string>>> = {
  forbidden: "AuthorizationFailed",
  invalid_content_type: "UnsupportedMediaType",
  unauthorized: "InvalidAuthenticationToken",
  payload_too_large: "RequestContentTooLarge",
};

/** An error as Resource Manager answers it. Source: [ARM-ERROR] */
export function armError(error: RingmainError): { readonly status: number; readonly body: JsonObject } {
  const { status, detailCode } = ERRORS[error.code];
  // What an internal failure says is written for the log.
  const message = error.code === "internal" ? "The request could not be completed." : error.message;
  return { status, body: { error: { code: ARM_CODES[error.code] ?? detailCode, message, details: [] } } };
}
