import { networkInterfaces } from "node:os";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID } from "../../src/core/resources/resource-id.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const KEY = "a-key-of-sixteen-characters";
const TOPIC = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain/providers/Microsoft.EventGrid/topics/orders`;
/** An address of this machine that is not loopback. Connections to it also come from it. */
const OUTSIDE = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.internal === false && address.family === "IPv4")?.address;

let ringmain: RunningRingmain | undefined;
afterEach(async () => {
  await ringmain?.stop();
  ringmain = undefined;
});
afterAll(removeFolders);

const routes: readonly (readonly [method: string, path: string])[] = [
  ["POST", `${TOPIC}/listKeys?api-version=2022-06-15`],
  ["POST", "/ringmain/topics/orders/listKeys"],
  ["POST", "/ringmain/backup"],
  ["GET", "/metrics"],
  ["GET", "/msi/token?resource=https://management.azure.com"],
];

async function start(host: string, config: object = {}): Promise<RunningRingmain> {
  ringmain = await runRingmain({ args: ["--host", host], config: { topics: [{ name: "orders" }], ...config } });
  return ringmain;
}

async function statuses({ ready }: RunningRingmain, address: string, bearer: string): Promise<readonly number[]> {
  const { port } = new URL(ready.http);
  const answers = routes.map(async ([method, path]) => {
    const headers = { authorization: `Bearer ${bearer}`, "x-identity-header": "any" };
    const answer = await fetch(`http://${address}:${port}${path}`, { method, headers });
    const text = await answer.text();
    if (answer.status === 403) expect(text).toMatch(/RINGMAIN_(?:ADMIN|METRICS)_KEY|'clients'/);
    return answer.status;
  });
  return Promise.all(answers);
}

const warning = (running: RunningRingmain, event: string) =>
  running.lines
    .map((line) => JSON.parse(line) as { event: string; hint?: string })
    .find((line) => line.event === event);

describe("[EG-ACCESS-LOCAL] a development server on every address", () => {
  it("warns at its start, and serves programs on this machine", async () => {
    const running = await start("0.0.0.0");
    expect(warning(running, "listens_beyond_loopback")?.hint).toContain("'adminKey' (RINGMAIN_ADMIN_KEY)");
    expect(await statuses(running, "127.0.0.1", "any")).toEqual([200, 200, 200, 200, 200]);
  });

  it.runIf(OUTSIDE !== undefined)("refuses connections from other machines, and accepts its admin key", async () => {
    const open = await start("0.0.0.0");
    expect(await statuses(open, OUTSIDE ?? "", "any")).toEqual([403, 403, 403, 403, 403]);
    await open.stop();
    const keyed = await start("0.0.0.0", { adminKey: KEY });
    expect(warning(keyed, "listens_beyond_loopback")).toBeUndefined();
    expect(await statuses(keyed, OUTSIDE ?? "", "any")).toEqual([401, 401, 401, 401, 403]);
    expect(await statuses(keyed, OUTSIDE ?? "", KEY)).toEqual([200, 200, 200, 200, 403]);
  });
});

describe("a server at its start", () => {
  it("does not warn on loopback in development", async () => {
    const running = await start("127.0.0.1");
    expect(warning(running, "listens_beyond_loopback")).toBeUndefined();
    expect(warning(running, "management_closed")).toBeUndefined();
  });

  it("warns in production without an admin key, and names the setting", async () => {
    const running = await start("127.0.0.1", { mode: "production" });
    expect(warning(running, "management_closed")?.hint).toMatch(
      /keys that it generated.*'adminKey' \(RINGMAIN_ADMIN_KEY\)/,
    );
  });
});
