import { ERRORS, type RingmainError } from "../core/errors.ts";
import { type EpochMs, MINUTE_MS, SECOND_MS, utcParts } from "../core/time.ts";

/** The only version of the publish API. */
export const API_VERSION = "2018-01-01";

/** Response to a request that failed. */
export interface AzureErrorResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

/**
 * Returns the response that Event Grid's publish endpoint sends for an error. Messages of `internal` failures are
 * left out: they are written for the log.
 * Source: [EG-ERROR-BODY], [EG-ERROR-REPORT], [EG-ERROR-RETRY-AFTER]
 */
export function azureError(
  error: RingmainError,
  context: { readonly requestId: string; readonly now: EpochMs },
): AzureErrorResponse {
  const { status, azureCode, detailCode } = ERRORS[error.code];
  const stem = error.code === "internal" ? "The request could not be completed." : error.message;
  // [EG-ERROR-REPORT] Every status except 413 has a report.
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
    // This replaces only the line breaks between members: those inside a message are escaped already.
    body: JSON.stringify(content, null, 4).replaceAll("\n", "\r\n"),
  };
}

/**
 * Returns the report that ends a message. The service varies the digit after the request id, with no known meaning;
 * here it is always 0.
 */
function report({ requestId, now }: { readonly requestId: string; readonly now: EpochMs }): string {
  return ` Report '${requestId}:0:${americanTime(now)} (UTC)' to our forums for assistance or raise a support ticket.`;
}

/**
 * Formats a UTC time as Azure's messages and logs do.
 *
 * @example americanTime(0) // "1/1/1970 12:00:00 AM"
 */
export function americanTime(at: EpochMs): string {
  const { year, month, day, hour } = utcParts(at);
  const time = `${hour % 12 === 0 ? 12 : hour % 12}:${sixtieths(at / MINUTE_MS)}:${sixtieths(at / SECOND_MS)}`;
  return `${month}/${day}/${year} ${time} ${hour < 12 ? "AM" : "PM"}`;
}

/** Returns the minute of the hour, or the second of the minute, as two digits. */
function sixtieths(elapsed: number): string {
  return String(Math.floor(elapsed) % 60).padStart(2, "0");
}
