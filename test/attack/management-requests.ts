import { startArmApp } from "../support/servers/arm-app.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";
import { LocalIssuer } from "../../src/auth/local-issuer/local-issuer.ts";
import { armRequest } from "./arm-requests.ts";
import { hostileBody, hostileJson, hostileText, hostileVersion } from "./hostile-values.ts";
import { encode, hostileHeaders, hostilePath, hostileQuery, type MakeRequest } from "./requests.ts";

interface Route {
  readonly method: string;
  readonly path: string;
}

/**
 * Returns all routes of the management surface except Resource Manager's, which has its own generator.
 * @param instance id of the attacked server's token issuer, which is part of some paths
 */
export async function managementRoutes(instance: string): Promise<readonly Route[]> {
  const privateKey = (): Promise<string> => Promise.reject(new Error("only the routes are used"));
  const now = (): number => 0;
  const issuer = new LocalIssuer({ instance, privateKey, clients: [], strangersRoles: [], now, newId: () => "" });
  const clock = { now, sleepUntil: () => Promise.resolve() };
  const random = { next: () => 0, uuid: () => "", secretBytes: (bytes: number) => new Uint8Array(bytes) };
  const { routes } = await startArmApp({ identity: { issuer, anybody: { names: [] }, clock, random } });
  const served = routes.filter(({ method }) => method !== "ALL");
  return Array.from(new Map(served.map(({ method, path }) => [`${method} ${path}`, { method, path }])).values());
}

export interface ManagementTarget {
  readonly port: number;
  /** Value of the `authorization` header of a good request. */
  readonly authorization: string;
  readonly routes: readonly Route[];
}

/** Bodies that some routes accept. */
const BODIES: readonly object[] = [
  { eventType: "Microsoft.Storage.BlobCreated", subject: "x", data: { a: 1 }, set: { "a.b": 1 }, count: 2 },
  { eventType: "Microsoft.KeyVault.SecretNearExpiry", set: Object.fromEntries([["data.__proto__.x", 1]]) },
  { name: "x" },
];
const FORM: Readonly<Record<string, string>> = {
  grant_type: "client_credentials",
  client_id: "11111111-1111-1111-1111-111111111111",
  client_secret: "s",
  scope: "https://eventgrid.azure.net/.default",
  resource: "https://eventgrid.azure.net",
};
const QUERY: Readonly<Record<string, string>> = {
  "api-version": "2018-02-01",
  resource: "https://eventgrid.azure.net",
  id: "x",
  access_token: "y",
  authorization_endpoint: "https://127.0.0.1/common",
};
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "BREW"];
/** Values of the parameters in routes. The topic of the good publisher is not among them. */
const PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  kind: ["topics", "domains", "partnerNamespaces", "partnernamespaces", "x"],
  name: ["orders", "clouds", "market", "none", "tail"],
  subscription: ["tail", "none"],
  tenant: ["common", "organizations", "adfs", "11111111-1111-1111-1111-111111111111", "metadata", "ringmain"],
};

/** Returns a generator of management requests: Resource Manager, Ringmain's own routes, tokens and metadata. */
export function managementRequests({ port, authorization, routes }: ManagementTarget): MakeRequest {
  return (random) => {
    const draft = random.next() < 0.7 ? armDraft(random) : routeDraft(random, random.pick(routes));
    return {
      port,
      tls: random.next() < 0.1,
      method: random.next() < 0.97 ? draft.method : random.pick(METHODS),
      target: hostilePath(random, draft.path) + hostileQuery(random, draft.query),
      headers: hostileHeaders(random, [
        ["host", `127.0.0.1:${port}`],
        ["authorization", random.next() < 0.97 ? authorization : "Bearer wrong"],
        ["metadata", "true"],
        ...Object.entries(draft.headers),
      ]),
      body: draft.bytes,
    };
  };
}

interface Draft {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Buffer;
}

function armDraft(random: SeededRandom): Draft {
  const { body, ...request } = armRequest(random);
  if (body === undefined) return { ...request, headers: {}, bytes: Buffer.alloc(0) };
  const text = random.next() < 0.35 ? JSON.stringify(body) : hostileVersion(random, body);
  return { ...request, ...hostileBody(random, text, "application/json") };
}

function routeDraft(random: SeededRandom, { method, path }: Route): Draft {
  const filled = path.replaceAll(/:(\w+)/g, (_, parameter: string) => {
    const known = PARAMETERS[parameter] ?? ["orders"];
    return encode(random, random.next() < 0.8 ? random.pick(known) : hostileText(random));
  });
  const query = random.next() < 0.5 ? {} : { ...QUERY };
  if (method === "GET") return { method, path: filled, query, headers: {}, bytes: Buffer.alloc(0) };
  if (path.endsWith("token") || path.endsWith("token/")) return { method, path: filled, query, ...form(random) };
  const body = random.pick(BODIES);
  const text = random.next() < 0.7 ? hostileVersion(random, body) : hostileJson(random);
  return { method, path: filled, query, ...hostileBody(random, text, "application/json") };
}

function form(random: SeededRandom): Pick<Draft, "headers" | "bytes"> {
  const changed = random.pick(Object.keys(FORM));
  const pairs = Object.entries(FORM).map(
    ([name, value]) => `${name}=${encode(random, name === changed ? hostileText(random) : value)}`,
  );
  const assertion = random.next() < 0.2 ? [`client_assertion=${encode(random, `a.${hostileText(random)}.c`)}`] : [];
  return hostileBody(random, [...pairs, ...assertion].join("&"), "application/x-www-form-urlencoded");
}
