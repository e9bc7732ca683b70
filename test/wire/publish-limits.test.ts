import { afterEach, describe, expect, it } from "vitest";
import { startTestRingmain, type TestRingmain } from "../../src/testing/index.ts";

const key1 = Buffer.from("a key for the tests of limits").toString("base64");

let ringmain: TestRingmain | undefined;
afterEach(() => ringmain?.stop());

async function start(limits: "azure" | "relaxed"): Promise<TestRingmain> {
  const topics = [
    { name: "orders", key1 },
    { name: "bills", key1 },
  ];
  ringmain = await startTestRingmain({ config: { limits, topics } });
  return ringmain;
}

function publish({ topics }: TestRingmain, events: number, topic = 0): Promise<Response> {
  const event = { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {} };
  return fetch(topics[topic]?.endpoint ?? "", {
    method: "POST",
    headers: { "aeg-sas-key": key1 },
    body: JSON.stringify(Array.from({ length: events }, () => event)),
  });
}

describe("a publisher above the limits", () => {
  it("[EG-LIMIT-RATE] gets 429 in Azure's form, and is accepted again in the next second", async () => {
    const server = await start("azure");
    expect((await publish(server, 4_999)).status).toBe(200);
    expect((await publish(server, 1)).status).toBe(200);
    const refused = await publish(server, 1);
    expect(refused.status).toBe(429);
    expect(refused.headers.get("retry-after")).toBe("1");
    const message = expect.stringMatching(/^The limit of 5000 events per second has been exceeded\..* Report '/);
    expect(await refused.json()).toEqual({
      error: { code: "TooManyRequests", message, details: [{ code: "TooManyRequests", message }] },
    });
    expect((await publish(server, 1, 1)).status).toBe(200);
    await server.fastForward(1_000);
    expect((await publish(server, 1)).status).toBe(200);
  });

  it("[EG-LIMIT-RATE] is accepted if limits are relaxed", async () => {
    const server = await start("relaxed");
    expect((await publish(server, 5_000)).status).toBe(200);
    expect((await publish(server, 5_000)).status).toBe(200);
  });

  it("[EG-PUBLISH-OK] gets neither a Strict-Transport-Security header nor another server's name", async () => {
    const { headers } = await publish(await start("azure"), 1);
    expect([headers.get("strict-transport-security"), headers.get("server")]).toEqual([null, null]);
  });
});
