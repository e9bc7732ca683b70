import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RETRY_GAPS_MS } from "../../src/core/retry/retry-policy.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { startTestRingmain } from "../../src/testing/index.ts";
import { Receiver } from "../support/servers/receiver.ts";

describe("startTestRingmain", () => {
  let receiver: Receiver;
  let folder: string;
  beforeAll(async () => {
    receiver = await Receiver.start();
    folder = await mkdtemp(join(tmpdir(), "ringmain-test-"));
  });
  afterAll(async () => {
    await receiver.stop();
    await rm(folder, { recursive: true });
  });

  it("[EG-RETRY-SCHEDULE] [EG-DEADLETTER-DELAY] [EG-DEADLETTER-PATH] fast-forwards through a day of retries over real HTTP, up to the dead letter", async () => {
    receiver.answer = () => 500;
    const ringmain = await startTestRingmain({
      startAt: Date.parse("2026-03-04T05:06:07Z"),
      folder,
      config: {
        topics: [
          {
            name: "orders",
            subscriptions: [
              {
                name: "billing",
                destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } },
                deadLetterDestination: { endpointType: "Folder", properties: { path: "dead" } },
              },
            ],
          },
        ],
      },
    });
    const [topic] = ringmain.topics;
    const startedAt = ringmain.clock.now();
    await ringmain.quiesce();
    const event = { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {} };
    const headers = { "aeg-sas-key": topic?.key1 ?? "" };
    const published = await fetch(topic?.endpoint ?? "", { method: "POST", headers, body: JSON.stringify([event]) });
    expect(published.status).toBe(200);
    // The jitter adds up to a tenth to each wait, so the last attempts may be after the time to live of a day.
    await ringmain.fastForward(40 * HOUR_MS);
    const attempts = ringmain.events.flatMap((observed) =>
      observed.kind === "attempted" ? [observed.at - startedAt] : [],
    );
    expect(receiver.requests.map(({ headers: sent }) => sent["aeg-delivery-count"])).toEqual(
      attempts.map((_at, index) => String(index)),
    );
    expect(attempts.length).toBeGreaterThanOrEqual(10);
    for (const [index, at] of attempts.slice(1).entries()) {
      const waited = at - (attempts[index] ?? 0);
      const gap = RETRY_GAPS_MS[index] ?? Number.NaN;
      expect(waited).toBeGreaterThanOrEqual(gap);
      expect(waited).toBeLessThanOrEqual(gap * 1.1);
    }
    const dead = ringmain.events.find(({ kind }) => kind === "dead-lettered");
    expect(dead).toMatchObject({ reason: "TimeToLiveExceeded" });
    expect((dead?.at ?? 0) - startedAt).toBeGreaterThan(24 * HOUR_MS + 5 * MINUTE_MS);
    await ringmain.stop();
    const [name] = (await readdir(join(folder, "dead"), { recursive: true })).filter((entry) =>
      entry.endsWith(".json"),
    );
    expect(name).toMatch(/^BILLING\/2026\/3\/5\/\d{1,2}\//);
    expect(JSON.parse(await readFile(join(folder, "dead", name ?? ""), "utf8"))).toMatchObject([
      { id: "1", deadLetterReason: "TimeToLiveExceeded", deliveryAttempts: attempts.length },
    ]);
  });
});
