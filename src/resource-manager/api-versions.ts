/** Versions of Event Grid's management API that clients may use; all behave alike. Newest first. [ARM-VERSION] */
export const EVENT_GRID_VERSIONS: readonly string[] = [
  "2025-07-15-preview",
  "2025-04-01-preview",
  "2025-02-15",
  "2024-12-15-preview",
  "2024-06-01-preview",
  "2023-12-15-preview",
  "2023-06-01-preview",
  "2022-06-15",
  "2021-12-01",
  "2021-10-15-preview",
  "2021-06-01-preview",
  "2020-10-15-preview",
  "2020-06-01",
  "2020-04-01-preview",
  "2020-01-01-preview",
  "2019-06-01",
  "2019-02-01-preview",
  "2019-01-01",
  "2018-09-15-preview",
  "2018-05-01-preview",
  "2018-01-01",
  "2017-09-15-preview",
  "2017-06-15-preview",
];

const FORM = /^\d{4}-\d{2}-\d{2}(?:-[a-z]+)?$/i;

/**
 * Returns whether a text has the form of an API version; the versions of other providers are not checked one by one.
 */
export function isApiVersion(version: string): boolean {
  return FORM.test(version);
}
