import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { EventGridDeserializer } from "@azure/eventgrid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localSourceId, TOPIC_TYPES, type TopicType } from "../../src/core/catalogue/topic-types.ts";
import { Receiver } from "../support/servers/receiver.ts";
import {
  cli,
  removeFolders,
  runRingmain,
  temporaryFolder,
  type RunningRingmain,
} from "../support/servers/run-ringmain.ts";

const SYSTEM_TOPIC_TYPES = TOPIC_TYPES.filter(({ sourceResourceFormat }) => sourceResourceFormat !== undefined);
const nameOf = ({ name }: TopicType): string => name.toLowerCase().replaceAll(".", "-");
const firstOf = ({ eventTypes }: TopicType): string => eventTypes[0] ?? "";

let receiver: Receiver;
let ringmain: RunningRingmain;
let url: string;

/** Returns a system topic with a subscription in each delivery schema, for one event type. */
function systemTopic(topicType: TopicType): object {
  const name = nameOf(topicType);
  const subscription = (schema: string, suffix: string): object => ({
    name: `${name.slice(0, 55)}-${suffix}`,
    eventDeliverySchema: schema,
    destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } },
    filter: { includedEventTypes: [firstOf(topicType)] },
  });
  return {
    name,
    topicType: topicType.name,
    subscriptions: [subscription("EventGridSchema", "eg"), subscription("CloudEventSchemaV1_0", "ce")],
  };
}

beforeAll(async () => {
  receiver = await Receiver.start();
  const defaults = {
    name: "defaults",
    topicType: "Microsoft.Storage.StorageAccounts",
    subscriptions: [
      {
        name: "defaults",
        destination: { endpointType: "WebHook", properties: { endpointUrl: `${receiver.url}?defaults` } },
      },
    ],
  };
  const lonely = { name: "lonely", topicType: "Microsoft.KeyVault.vaults" };
  ringmain = await runRingmain({
    args: ["--memory"],
    config: { systemTopics: [...SYSTEM_TOPIC_TYPES.map(systemTopic), defaults, lonely] },
  });
  url = `${ringmain.ready.http}/ringmain`;
});

afterAll(async () => {
  await ringmain.stop();
  await receiver.stop();
  await removeFolders();
});

async function trigger(body: unknown): Promise<{ status: number; answer: Record<string, unknown>; message: string }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(`${url}/system-events`, { method: "POST", body: text });
  const answer = (await response.json()) as Record<string, unknown>;
  const { message = "" } = (answer["error"] ?? {}) as { message?: string };
  return { status: response.status, answer, message };
}

/** Resolves with the deliveries of one event, once no work is in progress. */
async function delivered(id: unknown): Promise<Record<string, unknown>[]> {
  await fetch(`${url}/quiesce`);
  return receiver.events.filter((event) => event["id"] === id);
}

describe("an event of an Azure service", () => {
  it.each(SYSTEM_TOPIC_TYPES)("of $name reaches subscriptions in both schemas [EG-SYSTEM-EVENT]", async (topicType) => {
    const source = localSourceId(topicType, nameOf(topicType)) ?? "";
    const { status, answer } = await trigger({ eventType: firstOf(topicType), source });
    expect(status).toBe(200);
    const [id] = answer["ids"] as string[];
    const events = await delivered(id);
    expect(events).toHaveLength(2);
    const cloudEvent = events.find((event) => "specversion" in event);
    const gridEvent = events.find((event) => !("specversion" in event));
    expect(gridEvent).toMatchObject({ topic: source, eventType: firstOf(topicType), metadataVersion: "1" });
    expect(cloudEvent).toMatchObject({ source, type: firstOf(topicType), data: gridEvent?.["data"] });
    const reader = new EventGridDeserializer();
    expect(await reader.deserializeEventGridEvents(JSON.stringify([gridEvent]))).toHaveLength(1);
    expect(await reader.deserializeCloudEvents(JSON.stringify([cloudEvent]))).toHaveLength(1);
  });

  it("[EG-DEFAULT-EVENT-TYPES] reaches a subscription without event types only if it is in the default set", async () => {
    const storage = SYSTEM_TOPIC_TYPES.find(({ name }) => name === "Microsoft.Storage.StorageAccounts");
    const source = storage && localSourceId(storage, "defaults");
    const ids: unknown[] = [];
    for (const eventType of ["BlobCreated", "BlobTierChanged", "BlobDeleted"]) {
      const { answer } = await trigger({ eventType: `Microsoft.Storage.${eventType}`, source });
      ids.push(...(answer["ids"] as string[]));
    }
    const counts = await Promise.all(ids.map(async (id) => (await delivered(id)).length));
    expect(counts).toEqual([1, 0, 1]);
  });

  it("contains the caller's changes to the sample", async () => {
    const { answer } = await trigger({
      eventType: "microsoft.cache.patchingcompleted",
      subject: "other",
      data: { name: "own" },
      set: { "deep.er": [1] },
      count: 2,
    });
    expect(answer).toMatchObject({
      eventType: "Microsoft.Cache.PatchingCompleted",
      topicType: "Microsoft.Cache.Redis",
    });
    const ids = answer["ids"] as string[];
    expect(new Set(ids).size).toBe(2);
    const [event] = await delivered(ids[1]);
    expect(event).toMatchObject({ subject: "other", data: { name: "own", deep: { er: [1] } } });
  });
});

describe("an event that cannot be raised", () => {
  const redis = { eventType: "Microsoft.Cache.PatchingCompleted" };
  it.each<[string, unknown, number, RegExp]>([
    ["no JSON", "{", 400, /not valid JSON/],
    ["no object", "[]", 400, /expected object/],
    ["no event type", {}, 400, /eventType: /],
    ["an unknown member", { ...redis, topic: "x" }, 400, /topic/],
    [
      "an unknown event type",
      { eventType: "Microsoft.Cache.PatchingComplete" },
      400,
      /Did you mean 'Microsoft.Cache.Patch/,
    ],
    ["a source of another type", { ...redis, source: "/subscriptions/s" }, 400, /no source of Microsoft.Cache.Redis/],
    [
      "several sources",
      { eventType: "Microsoft.Storage.BlobCreated" },
      400,
      /name one of them: .*storageaccounts.*defaults/,
    ],
    ["a count of none", { ...redis, count: 0 }, 400, /count: /],
    ["too many at once", { ...redis, count: 5_001 }, 400, /count: /],
    ["data that is no object", { ...redis, data: [1] }, 400, /data: must be an object/],
    ["a path too long", { ...redis, set: { [".a".repeat(60)]: 1 } }, 400, /set.*at most 50 levels/],
    ["too deep data", `{"eventType":"x","data":{"a":${"[".repeat(200)}${"]".repeat(200)}}}`, 400, /deeper than 128/],
    ["too much data", { ...redis, data: { a: "x".repeat(1_000_000) }, count: 2 }, 413, /1536000/],
    ["too large a body", { ...redis, data: { a: "x".repeat(1_600_000) } }, 413, /1536000/],
    [
      "a source without subscriptions",
      {
        eventType: "Microsoft.KeyVault.KeyExpired",
        source:
          "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/ringmain/providers/Microsoft.KeyVault/vaults/lonely",
      },
      404,
      /No event subscription has the source .*vaults\/lonely'.*"systemTopics"/,
    ],
  ])("%s", async (_what, body, status, message) => {
    const answered = await trigger(body);
    expect(answered).toMatchObject({ status, message: expect.stringMatching(message) });
  });
});

describe("ringmain trigger", () => {
  const run = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    promisify(execFile)(process.execPath, [cli, "trigger", ...args], { cwd: "/" }).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (failure: { code: number; stdout: string; stderr: string }) => failure,
    );

  it("raises an event through a running Ringmain", async () => {
    const file = join(await temporaryFolder(), "data.json");
    await writeFile(file, '{"ObjectName":"first","NBF":1}');
    const vault = SYSTEM_TOPIC_TYPES.find(({ name }) => name === "Microsoft.KeyVault.vaults");
    const source = (vault && localSourceId(vault, nameOf(vault))) ?? "";
    const eventType = "Microsoft.KeyVault.CertificateNewVersionCreated";
    const flags = ["--source", source, "--data", file, "--set", "data.ObjectName=x", "--http", ringmain.ready.http];
    const { code, stdout } = await run(eventType, ...flags);
    expect(code).toBe(0);
    const printed = JSON.parse(stdout) as { event: string; ids: string[] };
    expect(printed).toMatchObject({ event: "triggered", source, eventType });
    const events = await delivered(printed.ids[0]);
    expect(events.map((event) => event["data"])).toEqual([
      { ObjectName: "x", NBF: 1 },
      { ObjectName: "x", NBF: 1 },
    ]);
  });

  it("prints an event without a server", async () => {
    const { code, stdout } = await run("microsoft.keyvault.secretexpired", "--dry-run", "--subject", "s");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      eventType: "Microsoft.KeyVault.SecretExpired",
      topic: expect.stringMatching(/vaults\/ringmain$/),
      subject: "s",
      data: { VaultName: "ringmain" },
    });
  });

  it("lists topic types, and the event types of one", async () => {
    const topicTypes = (await run("--list")).stdout.trim().split("\n");
    expect(topicTypes).toHaveLength(SYSTEM_TOPIC_TYPES.length);
    const { stdout } = await run("--list", "Microsoft.Storage.StorageAccounts", "--no-json");
    expect(stdout).toMatch(/^Microsoft\.Storage\.BlobCreated +A blob was created or replaced\.$/m);
    expect(stdout).toMatch(/^Microsoft\.Storage\.BlobRenamed .*Only for subscriptions that include it by name\.$/m);
  });

  it.each<[readonly string[], number, RegExp]>([
    [[], 2, /The event type is missing/],
    [["SecretNearExpiry"], 2, /Did you mean 'Microsoft.KeyVault.SecretNearExpiry'/],
    [["--list", "Microsoft.KeyVault"], 2, /Did you mean 'Microsoft.KeyVault.vaults'/],
    [["Microsoft.KeyVault.KeyExpired", "--set", "ObjectName=x"], 2, /data\.<member>=<value>/],
    [["Microsoft.KeyVault.KeyExpired", "--count", "many"], 2, /whole number from 1 to 5000/],
    [["Microsoft.KeyVault.KeyExpired", "--data", "/nowhere.json"], 2, /Cannot read \/nowhere.json/],
    [["Microsoft.KeyVault.KeyExpired", "--http", "http://127.0.0.1:1"], 1, /Check that 'ringmain start' is running/],
  ])("explains what to do: %j", async (args, code, message) => {
    expect(await run(...args)).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });
});
