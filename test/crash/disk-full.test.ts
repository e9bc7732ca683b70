import { readdir } from "node:fs/promises";
import { performance } from "node:perf_hooks";
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

function configFor(url: string, properties: object = {}): object {
  const destination = { endpointType: "WebHook", properties: { endpointUrl: url, ...properties } };
  // Azure's rate limits would refuse publishers before the disk is full.
  return {
    limits: "relaxed",
    topics: [{ name: "orders", key1: topicKey, subscriptions: [{ name: "one", destination }] }],
  };
}

/** A subscriber that accepts as many events as it is set to. The other requests wait for their response. */
class GatedSubscriber {
  readonly delivered = new Set<string>();
  readonly #receiver: Receiver;
  #wanted = 0;
  #waiting: (() => void)[] = [];
  /** Number of processes that have sent requests. */
  #senders = 0;

  private constructor(receiver: Receiver) {
    this.#receiver = receiver;
    receiver.answer = async ({ body }) => {
      const sender = this.#senders;
      while (this.delivered.size >= this.#wanted) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (sender !== this.#senders) return 500;
      for (const { id } of body as { id: string }[]) this.delivered.add(id);
      return 200;
    };
  }

  static async start(): Promise<GatedSubscriber> {
    return new GatedSubscriber(await Receiver.start());
  }

  get url(): string {
    return this.#receiver.url;
  }

  /** Accepts at least a number of further events. */
  async take(events: number): Promise<void> {
    this.#open(this.delivered.size + events);
    await this.#receiver.until(() => this.delivered.size >= this.#wanted);
  }

  /** Accepts all events until those with the given ids have arrived. */
  async takeAll(ids: ReadonlySet<string>): Promise<void> {
    this.#open(Number.POSITIVE_INFINITY);
    const missing = new Set(ids);
    await this.#receiver.until(() => {
      for (const id of missing) {
        if (!this.delivered.has(id)) return false;
        missing.delete(id);
      }
      return true;
    });
    this.#wanted = 0;
  }

  /** Forgets the waiting requests of a process that has exited. */
  forgetSender(): void {
    this.#senders += 1;
  }

  async stop(): Promise<void> {
    this.#open(Number.POSITIVE_INFINITY);
    await this.#receiver.stop();
  }

  #open(wanted: number): void {
    this.#wanted = wanted;
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

describe("a full disk", () => {
  it("publishers get 503 in Azure's form, no acknowledged event is lost, and publishing resumes by itself", async () => {
    const receiver = await Receiver.start();
    releases.push(() => receiver.stop());
    const disk = await smallDisk(6_000_000, 2_000_000);
    releases.push(() => disk.remove());
    const delivered = new Set<string>();
    const ends: ((status: number) => void)[] = [];
    let gate: Promise<number> | undefined = new Promise((resolve) => ends.push(resolve));
    // No response at first, so that all events wait.
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
      // A backup fails, too, and leaves nothing behind.
      const backup = await fetch(`${first.ready.http}/ringmain/backup`, { method: "POST" });
      expect([backup.status, await backup.json()]).toMatchObject([503, { error: { code: "ServiceUnavailable" } }]);
      expect((await readdir(disk.data)).filter((name) => name.startsWith("backup"))).toEqual([]);
    }

    // The server starts and does everything that needs no space despite the full disk.
    await first.kill();
    const second = await start();
    const health = await fetch(`${second.ready.http}/readyz`);
    expect(health.status).toBe(200);
    const waiting = await subscriptions(second);
    expect(waiting).toBeGreaterThanOrEqual(acknowledged);

    await disk.free();
    if (disk.limitBlocks === undefined) {
      // Space is available again, without a restart or a command.
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

/** Small events are published in batches of a hundred, large ones alone. */
const kinds = [
  { name: "small", data: "x".repeat(200), batch: 100 },
  { name: "large", data: "x".repeat(300_000), batch: 1 },
] as const;
/** Bytes of an event besides its data. */
const EVENT_BYTES = 300;
/** Time for resuming after space has become available in the file. */
const RESUME_MS = 5_000;
/** Time without an accepted event after which the disk counts as full. */
const FULL_MS = 1_500;

describe.each([24, 40, 80])("a disk of %i MB", (megabytes) => {
  for (const kind of kinds) {
    it(`filled with ${kind.name} events accepts more events as deliveries drain, repeatedly, with kills in between`, async () => {
      const disk = await smallDisk(megabytes * 1_000_000);
      releases.push(() => disk.remove());
      const subscriber = await GatedSubscriber.start();
      releases.push(() => subscriber.stop());
      const started: RunningRingmain[] = [];
      const start = async (): Promise<RunningRingmain> => {
        const config = configFor(subscriber.url, { maxEventsPerBatch: 200, preferredBatchSizeInKilobytes: 1_024 });
        const ringmain = await runRingmain({ config, data: disk.data, ...limits(disk.limitBlocks) });
        releases.push(() => ringmain.kill());
        subscriber.forgetSender();
        started.push(ringmain);
        return ringmain;
      };
      const publishers = new Publishers();
      /** Publishes until no event has been accepted for a while. Returns the number of accepted events. */
      const fill = async (ringmain: RunningRingmain): Promise<number> => {
        const taken = publishers.acknowledged.size;
        let latest = { taken, at: performance.now() };
        const enough = (): boolean => {
          const { size } = publishers.acknowledged;
          if (size > latest.taken) latest = { taken: size, at: performance.now() };
          return performance.now() - latest.at > FULL_MS;
        };
        await publishers.run(ringmain, { ...kind, topics: ["orders"], connections: 4, enough });
        return publishers.acknowledged.size - taken;
      };
      /** Publishes at a time when there is space in the file. */
      const resume = async (ringmain: RunningRingmain, id: string): Promise<void> => {
        const since = performance.now();
        await publishUntilTaken(ringmain, id, kind.data);
        expect(performance.now() - since).toBeLessThan(RESUME_MS);
        publishers.acknowledged.add(id);
      };

      let ringmain = await start();
      const first = await fill(ringmain);
      expect(first * (kind.data.length + EVENT_BYTES)).toBeGreaterThan(megabytes * 1_000_000 * 0.3);

      await ringmain.kill();
      ringmain = await start();
      await subscriber.take(Math.ceil(first * 0.4));
      await resume(ringmain, "after a part");
      const second = await fill(ringmain);
      expect(second).toBeGreaterThan(first * 0.2);

      await ringmain.kill();
      ringmain = await start();
      await subscriber.takeAll(publishers.acknowledged);
      await resume(ringmain, "after all");
      const third = await fill(ringmain);
      expect(third).toBeGreaterThan(first * 0.6);

      expect(await ringmain.stop()).toBe(0);
      ringmain = await start();
      await subscriber.takeAll(publishers.acknowledged);
      await resume(ringmain, "at last");
      await subscriber.takeAll(publishers.acknowledged);
      for (const { status } of publishers.refused) expect(status).toBe(503);
      for (const { errors } of started) expect(errors.join("")).toBe("");
    });
  }
});

describe("a limit on the size of files", () => {
  it("that the disk does not announce: publishers are refused, no event is lost, no library prints a stack trace", async () => {
    const subscriber = await GatedSubscriber.start();
    releases.push(() => subscriber.stop());
    const config = configFor(subscriber.url, { maxEventsPerBatch: 200, preferredBatchSizeInKilobytes: 1_024 });
    const ringmain = await runRingmain({ config, limitBlocks: 8_000 });
    releases.push(() => ringmain.kill());
    const publishers = new Publishers();
    const enough = (): boolean => publishers.refused.length >= 20;
    await publishers.run(ringmain, { topics: ["orders"], connections: 4, data: "x".repeat(20_000), enough });
    expect(publishers.acknowledged.size).toBeGreaterThan(50);
    for (const { status } of publishers.refused) expect(status).toBe(503);
    await subscriber.takeAll(publishers.acknowledged);
    await publishUntilTaken(ringmain, "after", "x".repeat(20_000));
    await subscriber.takeAll(new Set(["after"]));
    expect(ringmain.errors.join("")).toBe("");
    expect(ringmain.lines.join("\n")).not.toContain("\\n    at ");
  });
});

function limits(limitBlocks: number | undefined): { readonly limitBlocks?: number } {
  return limitBlocks === undefined ? {} : { limitBlocks };
}

/** Publishes an event as a publisher that was asked to retry does. */
async function publishUntilTaken(ringmain: RunningRingmain, id: string, data: unknown): Promise<void> {
  for (;;) {
    const answer = await publishOne(ringmain, "orders", id, data);
    if (answer !== "broken" && answer.status === 200) return;
  }
}

/** Returns the number of deliveries of the subscription that wait or are being delivered. */
async function subscriptions(ringmain: RunningRingmain): Promise<number> {
  const response = await fetch(`${ringmain.ready.http}/ringmain/subscriptions`);
  const { value } = (await response.json()) as { value: { deliveries: { waiting: number; locked: number } }[] };
  return value.reduce((sum, { deliveries }) => sum + deliveries.waiting + deliveries.locked, 0);
}
