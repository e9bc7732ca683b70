import { localEvaluator } from "../../../src/resource-manager/template/local-evaluator.ts";
import type { Hono } from "hono";
import { RoleAssignments } from "../../../src/auth/role-assignments.ts";
import type { LocalIssuer } from "../../../src/auth/local-issuer/local-issuer.ts";
import { metricsAccess } from "../../../src/app/access/admin-access.ts";
import { createServerAccess, type ServerAccess } from "../../../src/app/access/server-access.ts";
import { assignRoles, createLocalIssuer } from "../../../src/app/access/token-access.ts";
import { configSchema, type Config, type ConfigFile } from "../../../src/app/config/schema.ts";
import { createApp } from "../../../src/http/app.ts";
import type { ServerDependencies } from "../../../src/http/server.ts";
import { BodyBudget } from "../../../src/http/read-body.ts";
import { DAY_MS } from "../../../src/core/time.ts";
import type { Clock } from "../../../src/ports/clock.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import type { StoreSecrets } from "../../../src/ports/store-secrets.ts";
import { MemorySecrets } from "../../../src/stores/memory/memory-secrets.ts";
import { oneRsaKey } from "../../support/fixtures/rsa-keys.ts";
import { GROUP, NO_STORAGE } from "../../support/servers/arm-app.ts";
import { countingRandom } from "../../support/fixtures/counting-random.ts";
import { startEngine, type EngineHarness } from "../../support/servers/engine-harness.ts";

export const ADMIN_KEY = "the-admin-key-of-this-server";
export const CLIENT_SECRET = "the secret of all applications";
export const OPERATOR = "00000000-0000-0000-0000-00000000000a";
const READER = "00000000-0000-0000-0000-00000000000b";
const ELSEWHERE = "00000000-0000-0000-0000-00000000000c";

const applications: ConfigFile = {
  clients: [
    { clientId: "operator", clientSecret: CLIENT_SECRET, objectId: OPERATOR },
    { clientId: "reader", clientSecret: CLIENT_SECRET, objectId: READER },
    { clientId: "elsewhere", clientSecret: CLIENT_SECRET, objectId: ELSEWHERE },
    { clientId: "roleless", clientSecret: CLIENT_SECRET, roles: ["Owner"] },
    { clientId: "sender", clientSecret: CLIENT_SECRET, roles: ["EventGrid Data Sender"] },
  ],
  roleAssignments: [
    { principalId: OPERATOR, role: "Owner" },
    { principalId: READER, role: "Reader" },
    { principalId: ELSEWHERE, role: "Owner", scope: `${GROUP}-of-others` },
  ],
};

/** Configurations that differ in access. These are the columns of the tables, in this order. */
export const SETTINGS = {
  dev: { mode: "dev" },
  "dev, clients": { mode: "dev", ...applications },
  "dev, clients, adminKey": { mode: "dev", ...applications, adminKey: ADMIN_KEY },
  production: { mode: "production" },
  "production, clients": { mode: "production", ...applications },
  "production, clients, adminKey": { mode: "production", ...applications, adminKey: ADMIN_KEY },
} satisfies Record<string, ConfigFile>;

/** Name of a configuration. */
export type Setting = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as Setting[];

/** A server in one configuration, without a socket, and issuers whose tokens the tests use. */
export interface Subject {
  readonly config: Config;
  readonly harness: EngineHarness;
  readonly access: ServerAccess;
  /** Dependencies for the same server with sockets. */
  readonly server: ServerDependencies;
  readonly app: Hono;
  /** Issuers that differ from the server's own in one property each. All know the same applications. */
  readonly issuers: Readonly<Record<IssuerName, LocalIssuer>>;
  readonly stop: () => Promise<void>;
}

/** Names of the issuers. */
export type IssuerName = "own" | "of two days ago" | "of another instance" | "of the other mode" | "of an other key";

const privateKey = oneRsaKey();
const otherKey = oneRsaKey();

/** Keeps secrets in memory and shares one key: generating a key is slow, and the tests depend only on the issuer. */
function secretsWith(key: () => Promise<string>): StoreSecrets {
  const secrets = new MemorySecrets();
  return {
    obtain: (name, create) => secrets.obtain(name, name.startsWith("token-key.") ? key : create),
    find: (name) => secrets.find(name),
  };
}

export async function startSubject(setting: Setting): Promise<Subject> {
  const config = configSchema.parse(SETTINGS[setting]);
  const harness = await startEngine();
  const { clock, engine } = harness;
  const random = countingRandom();
  const secrets = secretsWith(privateKey);
  const roles = new RoleAssignments();
  assignRoles(roles, config);
  const issuer = await createLocalIssuer(config, secrets, clock, random);
  const access = createServerAccess(config, { issuer, roles, clock, random });
  const server: ServerDependencies = {
    ...access,
    engine,
    clock,
    random,
    logger: SILENT_LOGGER,
    version: "test",
    metrics: { access: metricsAccess(config), contentType: "text/plain", text: async () => "up 1\n" },
    readiness: () => ({ health: "ready", waitingFor: "" }),
    makeBackup: async () => ({ bytes: 3, body: new Blob(["abc"]).stream() }),
    streams: { connect: () => () => {} },
    alerts: () => [],
    storage: NO_STORAGE,
    templates: localEvaluator,
    tls: { current: () => Promise.reject(new Error("no certificate")) },
    limits: { connections: 1_000, bodyBytesInFlight: 50_000_000, requestTimeoutMs: 60_000, relaxed: true },
  };
  const app = createApp({ ...server, bodies: new BodyBudget(50_000_000) });
  // Adds applications to configurations without any, as if the server had had them before.
  const known: Config = configSchema.parse({ ...SETTINGS[setting], ...applications });
  const issuerWith = async (own: StoreSecrets, mode = known.mode, at: Clock = clock): Promise<LocalIssuer> => {
    const created = await createLocalIssuer({ ...known, mode }, own, at, random);
    if (created === undefined) throw new Error("applications are configured");
    return created;
  };
  const sameInstance = await secrets.obtain(`token-instance.${known.mode}`, async () => random.uuid());
  const impostor = secretsWith(otherKey);
  await impostor.obtain(`token-instance.${known.mode}`, async () => sameInstance);
  const other = secretsWith(privateKey);
  await other.obtain(`token-instance.${known.mode}`, async () => "11111111-2222-3333-4444-555555555555");
  const earlier: Clock = { now: () => clock.now() - 2 * DAY_MS, sleepUntil: () => Promise.resolve() };
  return {
    config,
    harness,
    access,
    server,
    app,
    issuers: {
      own: await issuerWith(secrets),
      "of two days ago": await issuerWith(secrets, known.mode, earlier),
      "of another instance": await issuerWith(other),
      "of the other mode": await issuerWith(secrets, known.mode === "dev" ? "production" : "dev"),
      "of an other key": await issuerWith(impostor),
    },
    stop: () => harness.stop(),
  };
}
