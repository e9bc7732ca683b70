import { ERRORS, type RingmainError } from "../core/errors.ts";
import { type EpochMs, MINUTE_MS, SECOND_MS, utcParts } from "../core/time.ts";

/** The one version of the publish API. */
export const API_VERSION = "2018-01-01";

/** An answer to a request that failed. */
export interface AzureErrorResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * An error as Event Grid's publish endpoint answers it. The messages of `internal` failures stay here: they are
 * written for the log.
 * Source: [EG-ERROR-BODY], [EG-ERROR-REPORT], [EG-ERROR-RETRY-AFTER]
 */
export function azureError(
  error: RingmainError,
  context: { readonly requestId: string; readonly now: EpochMs },
): AzureErrorResponse {
  const { status, azureCode, detailCode } = ERRORS[error.code];
  const stem = error.code === "internal" ? "The request could not be completed." : error.message;
  // [EG-ERROR-REPORT] All but 413.
  const message = status === 413 ? stem : stem + report(context);
  const content = { error: { code: azureCode, message, details: [{ code: detailCode, message }] } };
  return {
    status,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "api-supported-versions": API_VERSION,
      "x-ms-request-id": context.requestId,
      // [EG-ERROR-RETRY-AFTER]
      ...((status === 429 || status === 503) && { "retry-after": "1" }),
    },
    // Line ends inside a message are escaped by then.
    body: JSON.stringify(content, null, 4).replaceAll("\n", "\r\n"),
  };
}

/** The service's digit after the request id varies without known meaning; here it is always 0. */
function report({ requestId, now }: { readonly requestId: string; readonly now: EpochMs }): string {
  return ` Report '${requestId}:0:${americanTime(now)} (UTC)' to our forums for assistance or raise a support ticket.`;
}

/**
 * A time in UTC as Azure's messages and logs have it.
 *
 * @example americanTime(0) // "1/1/1970 12:00:00 AM"
 */
export function americanTime(at: EpochMs): string {
  const { year, month, day, hour } = utcParts(at);
  const time = `${hour % 12 === 0 ? 12 : hour % 12}:${sixtieths(at / MINUTE_MS)}:${sixtieths(at / SECOND_MS)}`;
  return `${month}/${day}/${year} ${time} ${hour < 12 ? "AM" : "PM"}`;
}

/** Minutes of the hour, or seconds of the minute, in two digits. */
function sixtieths(elapsed: number): string {
  return String(Math.floor(elapsed) % 60).padStart(2, "0");
}
