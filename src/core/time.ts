/**
 * Milliseconds since 1970-01-01T00:00:00Z. Every point in time in Ringmain has this type; names of such values end
 * in `At`.
 */
export type EpochMs = number;

export const SECOND_MS = 1_000;
export const MINUTE_MS: number = 60 * SECOND_MS;
export const HOUR_MS: number = 60 * MINUTE_MS;
export const DAY_MS: number = 24 * HOUR_MS;

/**
 * Formats a time as Event Grid formats the times that it stamps: UTC, seven fractional digits, `Z`.
 *
 * @example formatTime(0) // "1970-01-01T00:00:00.0000000Z"
 * Source: [EG-SCHEMA-TIME]
 */
export function formatTime(at: EpochMs): string {
  // oxlint-disable-next-line no-restricted-globals -- formatting a given instant reads no clock
  return new Date(at).toISOString().replace("Z", "0000Z");
}

/** Returns the UTC calendar fields of a time, for paths that contain a date. Months count from 1. */
export function utcParts(at: EpochMs): { year: number; month: number; day: number; hour: number } {
  // oxlint-disable-next-line no-restricted-globals -- taking a given instant apart reads no clock
  const date = new Date(at);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
  };
}

/** Parses an ISO 8601 date and time with a zone. Returns `undefined` for another text. */
export function parseTime(text: string): EpochMs | undefined {
  // oxlint-disable-next-line no-restricted-globals -- reading a given text reads no clock
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** Parses a time in the format of HTTP headers. Returns `undefined` for another text. */
export function parseHttpTime(text: string): EpochMs | undefined {
  // oxlint-disable-next-line no-restricted-globals -- reading a given instant reads no clock
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
