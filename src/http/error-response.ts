import { ERRORS, RingmainError, toError } from "../core/errors.ts";
import type { Logger } from "../ports/logger.ts";

/** Turns a failure of a management route into its answer: Azure's error shape, without the data plane's suffix. */
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
  if (status >= 500) {
    logger.error("request_failed", { code: error.code, error: error.message, cause: error.cause });
  }
  return Response.json({ error: { code: azureCode, message: error.message } }, { status });
}
