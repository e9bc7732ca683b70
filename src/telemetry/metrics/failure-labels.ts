import type { DeliveryOutcome } from "../../core/delivery.ts";
import { ERRORS, type ErrorCode } from "../../core/errors.ts";
import { labelText } from "./exposition.ts";

/** Whose fault a failed attempt was. */
export type FailureType = "ClientError" | "ServerError" | "NetworkError" | "ConfigurationError" | "Redirect";

/**
 * `Error` and `ErrorType` of a refused publish request: the name of the answer's status, and the finer code that the
 * answer's body has and the log of publish failures calls errorType. [EG-METRIC-ERROR]
 */
export function publishFailureLabels(code: ErrorCode): string {
  const { azureCode, detailCode } = ERRORS[code];
  return labelText({ error: azureCode, error_type: detailCode });
}

/** `Error` and `ErrorType` of a failed attempt: the outcome's name, and whose fault it was. [EG-METRIC-ERROR] */
export function attemptFailureLabels(outcome: DeliveryOutcome & { kind: "failed" }): string {
  return labelText({ error: outcome.outcome, error_type: failureType(outcome) });
}

/** Whose fault a failed attempt was. */
export function failureType({ outcome, httpStatus }: DeliveryOutcome & { kind: "failed" }): FailureType {
  if (outcome === "InvalidAzureFunctionDestination") return "ConfigurationError";
  if (httpStatus === undefined) return "NetworkError";
  if (httpStatus >= 500) return "ServerError";
  return httpStatus >= 400 ? "ClientError" : "Redirect";
}
