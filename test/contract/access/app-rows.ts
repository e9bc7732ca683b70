import { EVENTS_AUDIENCE } from "./callers.ts";
import {
  ANY_TOKEN,
  AUTHORITY,
  CLIENTS_TOKEN,
  MANAGED_IDENTITY,
  MANAGEMENT,
  OPEN,
  WRONG_SECRET,
  type Grid,
} from "./grids.ts";
import { CLIENT_SECRET } from "./settings.ts";

/** A request to a route, and the expected result for each caller. */
export interface Row {
  readonly path: string;
  readonly method: string;
  readonly grid: Grid;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses that an authorized caller may get besides those below 400. */
  readonly otherwise?: readonly number[];
}

/** Rows by route. Several rows of one route differ in the request. */
export type Rows = Readonly<Record<string, Omit<Row, "method"> | readonly Omit<Row, "method">[]>>;

const SCOPE = `${EVENTS_AUDIENCE}/.default`;
const form = (clientId: string, secret: string): Pick<Row, "headers" | "body"> => ({
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams({
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: secret,
    scope: SCOPE,
  }).toString(),
});
const tokenRows = (path: string): readonly Omit<Row, "method">[] => [
  { path, grid: CLIENTS_TOKEN, ...form("operator", CLIENT_SECRET) },
  { path, grid: WRONG_SECRET, ...form("operator", "any") },
  { path, grid: ANY_TOKEN, ...form("anybody", "any") },
];

/** Code in the handshake of the subscription `webhook`, and the token of the stream `watched`. */
export const VALIDATION_CODE = "a code that only the webhook has";
export const STREAM_TOKEN = "a token of the stream's own";
const JSON_BODY = { "content-type": "application/json" };
const IDENTITY_HEADER = { "x-identity-header": "any" };
const MANAGED = { grid: MANAGED_IDENTITY, headers: IDENTITY_HEADER };

/** All routes of the app by method and registered path, except those of the authority. */
const PLAIN_ROWS: Rows = {
  "GET /": { path: "/", grid: OPEN },
  "GET /healthz": { path: "/healthz", grid: OPEN },
  "GET /readyz": { path: "/readyz", grid: OPEN },
  "GET /eventsubscriptions/:name/validate": [
    { path: `/eventsubscriptions/webhook/validate?id=${VALIDATION_CODE}`, grid: OPEN },
  ],
  "POST /eventsubscriptions/:name/validate": [
    { path: `/eventsubscriptions/webhook/validate?id=${VALIDATION_CODE}`, grid: OPEN },
  ],
  "GET /metrics": { path: "/metrics", grid: MANAGEMENT },
  "GET /ringmain/streams/:subscription": [
    { path: "/ringmain/streams/watched", grid: MANAGEMENT },
    { path: "/ringmain/streams/watched?access_token=another", grid: MANAGEMENT },
    { path: `/ringmain/streams/watched?access_token=${encodeURIComponent(STREAM_TOKEN)}`, grid: OPEN },
    { path: "/ringmain/streams/nothing", grid: MANAGEMENT, otherwise: [404] },
  ],
  "GET /ringmain/alerts": { path: "/ringmain/alerts", grid: MANAGEMENT },
  "GET /ringmain/quiesce": { path: "/ringmain/quiesce", grid: MANAGEMENT },
  "GET /ringmain/subscriptions": { path: "/ringmain/subscriptions", grid: MANAGEMENT },
  "POST /ringmain/:kind/:name/listKeys": [
    { path: "/ringmain/topics/orders/listKeys", grid: MANAGEMENT },
    { path: "/ringmain/topics/nothing/listKeys", grid: MANAGEMENT, otherwise: [404] },
  ],
  "POST /ringmain/subscriptions/validate": {
    path: "/ringmain/subscriptions/validate?id=nothing",
    grid: MANAGEMENT,
    otherwise: [404],
  },
  "POST /ringmain/system-events": {
    path: "/ringmain/system-events",
    grid: MANAGEMENT,
    headers: JSON_BODY,
    body: "{}",
    otherwise: [400],
  },
  "POST /ringmain/backup": { path: "/ringmain/backup", grid: MANAGEMENT },
  "GET /metadata/endpoints": { path: "/metadata/endpoints?api-version=2022-09-01", grid: AUTHORITY },
  "GET /metadata/identity/oauth2/token": { path: `/metadata/identity/oauth2/token?resource=x`, ...MANAGED },
  "GET /metadata/identity/oauth2/token/": { path: `/metadata/identity/oauth2/token/?resource=x`, ...MANAGED },
  "POST /metadata/identity/oauth2/token": { path: `/metadata/identity/oauth2/token?resource=x`, ...MANAGED },
  "POST /metadata/identity/oauth2/token/": { path: `/metadata/identity/oauth2/token/?resource=x`, ...MANAGED },
  "GET /msi/token": { path: `/msi/token?resource=x`, ...MANAGED },
  "GET /msi/token/": { path: `/msi/token/?resource=x`, ...MANAGED },
  "POST /msi/token": { path: `/msi/token?resource=x`, ...MANAGED },
  "POST /msi/token/": { path: `/msi/token/?resource=x`, ...MANAGED },
};

const DOCUMENTS = ["/.well-known/openid-configuration", "/v2.0/.well-known/openid-configuration"];
const FACTS = [...DOCUMENTS, "/discovery/keys", "/discovery/v2.0/keys", "/discovery/instance"];
const AUTHORITIES = ["/:tenant", "/adfs/:tenant"];

/**
 * Routes of the authority, which are equal under each of its addresses. The address with the instance has only the
 * documents.
 */
const AUTHORITY_ROWS: Rows = Object.fromEntries([
  ...AUTHORITIES.flatMap((authority) => FACTS.map((route) => `${authority}${route}`)).map((route) => factRow(route)),
  ...DOCUMENTS.map((route) => factRow(`/:instance/:tenant${route}`)),
  ...AUTHORITIES.flatMap((authority) =>
    ["/oauth2/token", "/oauth2/v2.0/token"].map((route) => {
      const path = concrete(`${authority}${route}`);
      return [`POST ${authority}${route}`, tokenRows(path)] as const;
    }),
  ),
]);

function factRow(route: string): readonly [string, Omit<Row, "method">] {
  return [`GET ${route}`, { path: concrete(route), grid: AUTHORITY }];
}

function concrete(route: string): string {
  return route.replace(":tenant", "common");
}

/** All routes of the app by method and registered path, with `:instance` for the authority's id. */
export const APP_ROWS: Rows = { ...PLAIN_ROWS, ...AUTHORITY_ROWS };
