const EVENT_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d|:60)?(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

/**
 * Returns whether a text is a date and time in ISO 8601, as publishers write them. The zone is `Z`, `+00:00`,
 * `+0000` or missing (then UTC). Source: [EG-EVENT-TIME]
 */
export function isEventTime(text: string): boolean {
  if (text.length > 64 || !EVENT_TIME.test(text)) return false;
  // Reads fixed positions: the array that `exec` allocates for each event costs more than the match.
  const day = Number(text.slice(8, 10));
  return day <= 28 || day <= daysInMonth(Number(text.slice(0, 4)), Number(text.slice(5, 7)));
}

function daysInMonth(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

/**
 * Converts an event's time to RFC 3339, which CloudEvents require: `T` in the middle, a zone, and a colon in the zone.
 *
 * @example rfc3339("2030-01-02T03:04:05+0000") // "2030-01-02T03:04:05+00:00"
 * Source: [EG-CONVERT-CE]
 */
export function rfc3339(time: string): string {
  const zone = /(?:[Zz]|([+-]\d\d):?(\d\d))$/.exec(time.slice(10));
  if (zone === null) return `${time.replace(" ", "T")}Z`;
  const [text, hours, minutes] = zone;
  const local = time.slice(0, time.length - text.length).replace(" ", "T");
  return hours === undefined || minutes === undefined ? `${local}Z` : `${local}${hours}:${minutes}`;
}
