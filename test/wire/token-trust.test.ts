import { afterAll, afterEach, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID, DEFAULT_TENANT_ID } from "../../src/core/resources/resource-id.ts";
import { runNats, type RunningNats } from "../support/servers/run-nats.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const OPERATOR = "00000000-0000-0000-0000-00000000000a";
const GROUP = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
const TOPIC = `${GROUP}/providers/Microsoft.EventGrid/topics/guarded`;
const MANAGEMENT = "https://management.azure.com";
const EVENTS = "https://eventgrid.azure.net";
const SECRET = "the operator's secret";
const event = { id: "1", eventType: "t", subject: "s", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" };
const config = (mode: "dev" | "production"): object => ({
  mode,
  topics: [{ name: "guarded", disableLocalAuth: true }],
  clients: [{ clientId: "operator", clientSecret: SECRET, objectId: OPERATOR, roles: ["EventGrid Data Sender"] }],
  roleAssignments: [{ principalId: OPERATOR, role: "Owner" }],
});

const running: RunningRingmain[] = [];
afterEach(async () => {
  for (const ringmain of running.splice(0)) await ringmain.stop();
});
afterAll(removeFolders);

/** Starts a server for the running test. All servers belong to one user and share one TLS folder. */
async function start(
  mode: "dev" | "production",
  { data, args = [] }: { readonly data?: string; readonly args?: readonly string[] } = {},
): Promise<RunningRingmain> {
  const env = { RINGMAIN_TLS_FOLDER: (tlsFolder ??= await temporaryFolder()) };
  const ringmain = await runRingmain({ env, config: config(mode), args, ...(data !== undefined && { data }) });
  running.push(ringmain);
  return ringmain;
}
let tlsFolder: string | undefined;

async function stop(ringmain: RunningRingmain): Promise<void> {
  running.splice(running.indexOf(ringmain), 1);
  await ringmain.stop();
}

async function token({ ready }: RunningRingmain, audience: string, clientId = "operator"): Promise<string> {
  const form = { grant_type: "client_credentials", client_id: clientId, client_secret: SECRET };
  const body = new URLSearchParams({ ...form, scope: `${audience}/.default` });
  const answer = await fetch(`${ready.http}/${DEFAULT_TENANT_ID}/oauth2/v2.0/token`, { method: "POST", body });
  return ((await answer.json()) as { access_token: string }).access_token;
}

interface Tokens {
  readonly management: string;
  readonly events: string;
}

const tokensOf = async (ringmain: RunningRingmain, clientId?: string): Promise<Tokens> => ({
  management: await token(ringmain, MANAGEMENT, clientId),
  events: await token(ringmain, EVENTS, clientId),
});

/** Returns the statuses of reading a topic's keys and of publishing to a topic without keys. */
async function tryAt({ ready }: RunningRingmain, { management, events }: Tokens): Promise<readonly [number, number]> {
  const keys = await fetch(`${ready.http}${TOPIC}/listKeys?api-version=2022-06-15`, {
    method: "POST",
    headers: { authorization: `Bearer ${management}` },
  });
  const published = await fetch(`${ready.http}/topics/guarded/api/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${events}`, "content-type": "application/json" },
    body: JSON.stringify([event]),
  });
  return [keys.status, published.status];
}

const TAKEN = [200, 200];
const REFUSED = [401, 401];

describe("[EG-ISSUER-INSTANCE] tokens of a server", () => {
  it("of development are refused by a production server with the same user, TLS folder, and later the same data", async () => {
    const data = await temporaryFolder();
    const development = await start("dev", { data });
    // In development, any program may use any name.
    const stolen = [await tokensOf(development, OPERATOR), await tokensOf(development)];
    const production = await start("production");
    for (const tokens of stolen) expect(await tryAt(production, tokens)).toEqual(REFUSED);
    await stop(development);
    const promoted = await start("production", { data });
    for (const tokens of stolen) expect(await tryAt(promoted, tokens)).toEqual(REFUSED);
    expect(await tryAt(promoted, await tokensOf(promoted))).toEqual(TAKEN);
  });

  it("stay valid after a restart, and are accepted by no other server", async () => {
    const data = await temporaryFolder();
    const first = await start("production", { data });
    const tokens = await tokensOf(first);
    expect(await tryAt(first, tokens)).toEqual(TAKEN);
    await stop(first);
    expect(await tryAt(await start("production", { data }), tokens)).toEqual(TAKEN);
    expect(await tryAt(await start("production"), tokens)).toEqual(REFUSED);
  });

  it("are valid for one process only if the store is in memory", async () => {
    const args = ["--memory"];
    const data = await temporaryFolder();
    const first = await start("production", { data, args });
    const tokens = await tokensOf(first);
    expect(await tryAt(first, tokens)).toEqual(TAKEN);
    await stop(first);
    expect(await tryAt(await start("production", { data, args }), tokens)).toEqual(REFUSED);
  });

  describe.runIf(process.env["RINGMAIN_TEST_NATS"] === "1")("on NATS", () => {
    let nats: RunningNats | undefined;
    afterAll(async () => nats?.stop());

    it("are accepted by every node of the store, and by no node of another store or mode", async () => {
      nats = await runNats();
      const store = (name: string) => ({ args: ["--store", `${nats?.url ?? ""}?name=${name}`] });
      const [one, two] = [await start("production", store("one")), await start("production", store("one"))];
      const tokens = await tokensOf(one);
      for (const node of [one, two]) expect(await tryAt(node, tokens)).toEqual(TAKEN);
      expect(await tryAt(await start("production", store("two")), tokens)).toEqual(REFUSED);
      const development = await start("dev", store("one"));
      for (const node of [one, two]) expect(await tryAt(node, await tokensOf(development))).toEqual(REFUSED);
    });
  });
});
