import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { seededRandom, type SeededRandom } from "../support/fixtures/seeded-random.ts";

const REQUESTS = 10_000;
const CONNECTIONS = 16;
/** Growth of resident memory, in MiB, that the garbage collector's timing explains. */
const FLAT_MIB = 64;
const key1 = Buffer.from("a key for the malformed requests").toString("base64");

interface Malformed {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const good = { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" };
const cloud = { specversion: "1.0", id: "1", source: "/s", type: "t" };

/** Functions that each break a valid request in one way. */
const MAKERS: readonly ((random: SeededRandom) => Partial<Malformed>)[] = [
  (random) => ({ body: Buffer.from(Array.from({ length: 1 + random.below(400) }, () => random.below(256))) }),
  (random) => {
    const text = JSON.stringify([good, good]);
    return { body: Buffer.from(text.slice(0, 1 + random.below(text.length - 1))) };
  },
  (random) => ({ body: json(random.pick<unknown>([{}, null, 1, "text", true, [], [null], [1], [[]], [{}], ""])) }),
  (random) => ({ body: json([without(good, random.pick(["id", "subject", "eventType", "eventTime"]))]) }),
  (random) => ({
    body: json([
      { ...good, [random.pick(["id", "subject", "eventType", "eventTime"])]: random.pick([null, 1, {}, [], true]) },
    ]),
  }),
  (random) => ({ body: json([{ ...good, [random.pick(["extra", "Source", "specversion", "constructor"])]: 1 }]) }),
  (random) => ({ body: json([{ ...good, eventTime: random.pick(["yesterday", "", "2026-13-45", "99"]) }]) }),
  (random) => ({ body: json([{ ...good, metadataVersion: random.pick(["2", "", 1, {}]) }]) }),
  (random) => ({ body: json([{ ...good, topic: random.pick(["other", "/subscriptions/x", 7]) }]) }),
  (random) => ({ body: Buffer.from(`[${"[".repeat(1_000 + random.below(50_000))}`) }),
  (random) => ({ body: Buffer.from(`[${'{"data":'.repeat(1_000 + random.below(20_000))}`) }),
  () => ({ body: json([{ ...good, data: "x".repeat(1_060_000) }]) }),
  () => ({ body: json(Array.from({ length: 5_001 }, () => good)) }),
  (random) => ({ headers: { "aeg-sas-key": random.pick(["", "wrong", "d3Jvbmc=", "%%%", "x".repeat(4_000)]) } }),
  (random) => ({ headers: { "aeg-sas-key": key1, "x-filler": "x".repeat(17_000 + random.below(1_000)) } }),
  (random) => ({ method: random.pick(["GET", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"]), body: Buffer.alloc(0) }),
  (random) => ({ path: `/topics/${random.pick(["none", "..", "%00", "a".repeat(300), "%ff"])}/api/events` }),
  (random) => ({ path: `/topics/orders/api/events?api-version=${random.pick(["1", "2018-01-02", "%00", "latest"])}` }),
  (random) => ({
    path: "/topics/clouds/api/events",
    headers: {
      "aeg-sas-key": key1,
      "content-type": random.pick(["text/plain", "application/xml", "", "application/cloud+json"]),
    },
  }),
  (random) => ({
    path: "/topics/clouds/api/events",
    headers: { "aeg-sas-key": key1, "content-type": "application/cloudevents+json" },
    body: json(without(cloud, random.pick(["specversion", "id", "source", "type"]))),
  }),
  (random) => ({
    path: "/topics/clouds/api/events",
    headers: { "aeg-sas-key": key1, "content-type": "application/cloudevents-batch+json" },
    body: json([
      { ...cloud, ...random.pick([{ specversion: "0.3" }, { data: 1, data_base64: "AQ==" }, { data_base64: "%" }]) },
    ]),
  }),
  (random) => ({
    path: "/topics/clouds/api/events",
    headers: {
      "aeg-sas-key": key1,
      "content-type": "application/json",
      "ce-id": "1",
      [random.pick(["ce-type", "ce-source"])]: "x",
    },
    body: json({}),
  }),
];

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function without(value: Record<string, unknown>, name: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([member]) => member !== name));
}

describe("malformed requests", () => {
  let ringmain: RunningRingmain;

  beforeAll(async () => {
    ringmain = await runRingmain({
      config: {
        topics: [
          { name: "orders", key1 },
          { name: "clouds", inputSchema: "CloudEventSchemaV1_0", key1 },
        ],
      },
    });
  });

  afterAll(async () => {
    expect(await ringmain.stop()).toBe(0);
    await removeFolders();
  });

  it(`[EG-ERROR-BODY] ${REQUESTS} of them get a 4xx with Azure's error body each, and memory stays flat`, async () => {
    const random = seededRandom(Number(process.env["RINGMAIN_TEST_SEED"] ?? Date.now() % 1_000_000));
    const port = Number(new URL(ringmain.ready.http).port);
    const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
    const answers = new Map<number, number>();
    const wrong: unknown[] = [];
    const sendMany = async (count: number): Promise<void> => {
      let left = count;
      const worker = async (): Promise<void> => {
        while (left > 0) {
          left -= 1;
          const maker = random.below(MAKERS.length);
          const malformed = make(maker, random);
          const { status, text } = await send(port, agent, malformed);
          answers.set(status, (answers.get(status) ?? 0) + 1);
          if (status < 400 || status >= 500 || !isErrorBody(text))
            wrong.push({ maker, status, text: text.slice(0, 300) });
        }
      };
      await Promise.all(Array.from({ length: CONNECTIONS }, worker));
    };
    // The first round lets the heap grow to its working size.
    await sendMany(REQUESTS);
    const before = residentMiB(ringmain.pid);
    await sendMany(REQUESTS);
    expect(wrong, `seed ${random.seed}`).toEqual([]);
    expect(residentMiB(ringmain.pid) - before).toBeLessThan(FLAT_MIB);
    expect([...answers.keys()].toSorted((one, other) => one - other)).toEqual([400, 401, 404, 405, 413, 415, 431]);
    const after = await send(port, agent, { ...make(0, random), body: json([good]) });
    expect(after).toEqual({ status: 200, text: "" });
    agent.destroy();
  });
});

function make(maker: number, random: SeededRandom): Malformed {
  return {
    method: "POST",
    path: "/topics/orders/api/events",
    headers: { "aeg-sas-key": key1, "content-type": "application/json" },
    body: json([good]),
    ...MAKERS[maker]?.(random),
  };
}

function send(port: number, agent: Agent, malformed: Malformed): Promise<{ status: number; text: string }> {
  const { method, path, headers, body } = malformed;
  return new Promise((resolve, reject) => {
    const sending = request({ host: "127.0.0.1", port, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}

function isErrorBody(text: string): boolean {
  try {
    const { error } = JSON.parse(text) as { error: { code: unknown; message: unknown; details: { code: unknown }[] } };
    return [error.code, error.message, error.details[0]?.code].every((part) => typeof part === "string" && part !== "");
  } catch {
    return false;
  }
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
}
