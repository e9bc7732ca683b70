import type { DeliveryOutcome } from "../../core/delivery.ts";
import { ERRORS, type ErrorCode } from "../../core/errors.ts";
import { labelText } from "./exposition.ts";

/** Causes of a failed attempt. */
export type FailureType = "ClientError" | "ServerError" | "NetworkError" | "ConfigurationError" | "Redirect";

/**
 * Returns the labels `error` and `error_type` of a refused publish request: the name of the response's status, and
 * the more detailed code that the response's body and the log of publish failures contain. [EG-METRIC-ERROR]
 */
export function publishFailureLabels(code: ErrorCode): string {
  const { azureCode, detailCode } = ERRORS[code];
  return labelText({ error: azureCode, error_type: detailCode });
}

/**
 * Returns the labels `error` and `error_type` of a failed attempt: the outcome's name and the cause. [EG-METRIC-ERROR]
 */
export function attemptFailureLabels(outcome: DeliveryOutcome & { kind: "failed" }): string {
  return labelText({ error: outcome.outcome, error_type: failureType(outcome) });
}

/** Returns the cause of a failed attempt. */
export function failureType({ outcome, httpStatus }: DeliveryOutcome & { kind: "failed" }): FailureType {
  if (outcome === "InvalidAzureFunctionDestination") return "ConfigurationError";
  if (httpStatus === undefined) return "NetworkError";
  if (httpStatus >= 500) return "ServerError";
  return httpStatus >= 400 ? "ClientError" : "Redirect";
}
