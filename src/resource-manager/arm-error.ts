import { ERRORS, type ErrorCode, type RingmainError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";

/** Resource Manager's codes for errors that have another code on the publish endpoint. */
const ARM_CODES: Partial<Readonly<Record<ErrorCode, string>>> = {
  forbidden: "AuthorizationFailed",
  invalid_content_type: "UnsupportedMediaType",
  unauthorized: "InvalidAuthenticationToken",
  payload_too_large: "RequestContentTooLarge",
};

/** Returns the status and body of an error response of Resource Manager. Source: [ARM-ERROR] */
export function armError(error: RingmainError): { readonly status: number; readonly body: JsonObject } {
  const { status, detailCode } = ERRORS[error.code];
  // The message of an internal failure is meant for the log only.
  const message = error.code === "internal" ? "The request could not be completed." : error.message;
  return { status, body: { error: { code: ARM_CODES[error.code] ?? detailCode, message, details: [] } } };
}
