import { readdir } from "node:fs/promises";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { Receiver } from "../support/servers/receiver.ts";
import { removeFolders, runRingmain, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { Publishers, publishOne, topicKey } from "./publisher.ts";
import { smallDisk } from "./small-disk.ts";

const releases: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).toReversed()) await release();
});
afterAll(removeFolders);

function configFor(url: string): object {
  const destination = { endpointType: "WebHook", properties: { endpointUrl: url } };
  return { topics: [{ name: "orders", key1: topicKey, subscriptions: [{ name: "one", destination }] }] };
}

describe("a full disk", () => {
  it("publishers get 503 in Azure's form, nothing acknowledged is lost, and it goes on by itself", async () => {
    const receiver = await Receiver.start();
    releases.push(() => receiver.stop());
    const disk = await smallDisk();
    releases.push(() => disk.remove());
    const delivered = new Set<string>();
    const ends: ((status: number) => void)[] = [];
    let gate: Promise<number> | undefined = new Promise((resolve) => ends.push(resolve));
    // Nobody answers at first: everything waits.
    receiver.answer = async ({ body }) => {
      if (gate !== undefined) return gate;
      for (const { id } of body as { id: string }[]) delivered.add(id);
      return 200;
    };
    const config = configFor(receiver.url);
    const start = async (): Promise<RunningRingmain> => {
      const ringmain = await runRingmain({ config, data: disk.data, ...limits(disk.limitBlocks) });
      releases.push(() => ringmain.kill());
      return ringmain;
    };
    const first = await start();
    const publishers = new Publishers();
    const load = { topics: ["orders"], connections: 4, data: "x".repeat(20_000) };
    await publishers.run(first, { ...load, enough: () => publishers.refused.length >= 8 });
    const acknowledged = publishers.acknowledged.size;
    expect(acknowledged).toBeGreaterThan(20);
    for (const { status, headers, body } of publishers.refused) {
      expect(status).toBe(503);
      expect(headers.get("retry-after")).toBe("1");
      expect(JSON.parse(body)).toMatchObject({
        error: {
          code: "ServiceUnavailable",
          message: expect.stringContaining("is the disk full?") as string,
          details: [{ code: "StoreUnavailable" }],
        },
      });
    }
    if (disk.limitBlocks === undefined) {
      // No backup either, and nothing is left of the try.
      const backup = await fetch(`${first.ready.http}/ringmain/backup`, { method: "POST" });
      expect([backup.status, await backup.json()]).toMatchObject([503, { error: { code: "ServiceUnavailable" } }]);
      expect((await readdir(disk.data)).filter((name) => name.startsWith("backup"))).toEqual([]);
    }

    // A full disk does not keep it from starting, nor from what needs no space.
    await first.kill();
    const second = await start();
    const health = await fetch(`${second.ready.http}/readyz`);
    expect(health.status).toBe(200);
    const waiting = await subscriptions(second);
    expect(waiting).toBeGreaterThanOrEqual(acknowledged);

    await disk.free();
    if (disk.limitBlocks === undefined) {
      // Space is back: no restart, no command.
      await publishUntilTaken(second, "after", load.data);
      publishers.acknowledged.add("after");
    }
    gate = undefined;
    for (const end of ends) end(500);
    const missing = (): string[] => [...publishers.acknowledged].filter((id) => !delivered.has(id));
    await receiver.until(() => missing().length === 0);
    await publishUntilTaken(second, "last", load.data);
    await receiver.until(() => delivered.has("last"));
  });
});

function limits(limitBlocks: number | undefined): { readonly limitBlocks?: number } {
  return limitBlocks === undefined ? {} : { limitBlocks };
}

/** As a publisher does that was told to come back. */
async function publishUntilTaken(ringmain: RunningRingmain, id: string, data: unknown): Promise<void> {
  for (;;) {
    const answer = await publishOne(ringmain, "orders", id, data);
    if (answer !== "broken" && answer.status === 200) return;
  }
}

/** What waits for the subscription, or is on its way to it. */
async function subscriptions(ringmain: RunningRingmain): Promise<number> {
  const response = await fetch(`${ringmain.ready.http}/ringmain/subscriptions`);
  const { value } = (await response.json()) as { value: { deliveries: { waiting: number; locked: number } }[] };
  return value.reduce((sum, { deliveries }) => sum + deliveries.waiting + deliveries.locked, 0);
}
