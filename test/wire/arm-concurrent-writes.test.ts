import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  EVENT_GRID_PATH,
  GROUP_PATH,
  managementCalls,
  type ManagementCall,
} from "../support/clients/management-calls.ts";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";

const TOPIC = `${EVENT_GRID_PATH}/topics/busy`;
const SUBSCRIPTION = `${TOPIC}/providers/Microsoft.EventGrid/eventSubscriptions/hook`;
const numbers = Array.from({ length: 10 }, (_, index) => index);

describe("management calls at the same time, on a durable store", () => {
  let receiver: Receiver;
  let ringmain: RunningRingmain;
  let call: ManagementCall;

  beforeAll(async () => {
    receiver = await Receiver.start();
    ringmain = await runRingmain();
    call = managementCalls(ringmain.ready.http);
    expect((await call("PUT", TOPIC, { location: "local" })).status).toBe(201);
  });

  afterAll(async () => {
    await ringmain.stop();
    await receiver.stop();
    await removeFolders();
  });

  /** Resolves with the statuses of concurrent calls. */
  async function statuses(calls: readonly ReturnType<ManagementCall>[]): Promise<number[]> {
    return (await Promise.all(calls)).map(({ status }) => status);
  }

  it("[ARM-TURNS] ten PATCHes of one topic are all 200", async () => {
    const patches = numbers.map((number) => call("PATCH", TOPIC, { tags: { round: String(number) } }));
    expect(new Set(await statuses(patches))).toEqual(new Set([200]));
  });

  it("[ARM-TURNS] PATCHes of different members lose no change, next to PUTs and key regenerations", async () => {
    const rules = [{ ipMask: "10.0.0.0/8", action: "Allow" }];
    const together = [
      ...numbers.map(() => call("POST", `${TOPIC}/regenerateKey`, { keyName: "key1" })),
      call("PATCH", TOPIC, { properties: { inboundIpRules: rules } }),
      call("PATCH", TOPIC, { properties: { dataResidencyBoundary: "WithinRegion" } }),
      call("PATCH", TOPIC, { properties: { minimumTlsVersionAllowed: "1.2" } }),
      call("PATCH", TOPIC, { tags: { team: "a" } }),
    ];
    expect(new Set(await statuses(together))).toEqual(new Set([200]));
    expect((await call("GET", TOPIC)).body).toMatchObject({
      tags: { team: "a" },
      properties: { inboundIpRules: rules, dataResidencyBoundary: "WithinRegion", minimumTlsVersionAllowed: "1.2" },
    });
    const puts = numbers.map((number) => call("PUT", TOPIC, { location: "local", tags: { put: String(number) } }));
    const mixed = await statuses([...puts, ...numbers.map(() => call("PATCH", TOPIC, { tags: {} }))]);
    expect(mixed).toEqual([...numbers.map(() => 201), ...numbers.map(() => 200)]);
  });

  it("[ARM-TURNS] ten PATCHes of a webhook subscription with a running handshake are all 201", async () => {
    const destination = { endpointType: "WebHook", properties: { endpointUrl: receiver.url } };
    const created = call("PUT", SUBSCRIPTION, { properties: { destination } });
    expect((await created).status).toBe(201);
    const patches = numbers.map((number) => call("PATCH", SUBSCRIPTION, { labels: [`l${number}`] }));
    expect(new Set(await statuses(patches))).toEqual(new Set([201]));
  });

  it("[ARM-TURNS] PATCHes of a group that they create implicitly lose no tag", async () => {
    const patches = numbers.map((number) => call("PATCH", GROUP_PATH, { tags: { round: String(number) } }));
    expect(new Set(await statuses(patches))).toEqual(new Set([200]));
    expect((await call("GET", GROUP_PATH)).body.tags).toHaveProperty("round");
  });

  it("[ARM-CONDITION] conditions hold: one of ten PUTs with If-None-Match succeeds, and none with a stale If-Match", async () => {
    const absent = { "if-none-match": "*" };
    const results = await statuses(
      numbers.map(() => call("PUT", `${EVENT_GRID_PATH}/topics/once`, { location: "local" }, absent)),
    );
    expect(results.toSorted((one, other) => one - other)).toEqual([201, ...Array.from({ length: 9 }, () => 412)]);
    const conditions = ["*", "*", '"stale"', "*", '"stale"'];
    const patches = conditions.map((match) => call("PATCH", TOPIC, { tags: {} }, { "if-match": match }));
    expect(await statuses(patches)).toEqual([200, 200, 412, 200, 412]);
  });
});
