import { ERRORS, isServerFailure, RingmainError, toError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";

/**
 * Converts a failure of a management route into its response, in Azure's error format without the suffix of publish
 * errors.
 */
export function errorResponse(thrown: unknown, logger: Logger): Response {
  const error =
    thrown instanceof RingmainError
      ? thrown
      : new RingmainError(
          "internal",
          "The request failed because of an error in Ringmain. See its log for the reason.",
          {
            cause: toError(thrown).stack,
          },
        );
  const { status, azureCode } = ERRORS[error.code];
  if (isServerFailure(error.code)) {
    logger.error("request_failed", { code: error.code, error: error.message, cause: error.cause });
  }
  return Response.json({ error: { code: azureCode, message: error.message } }, { status });
}
