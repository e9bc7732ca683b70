import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, subscriberTo } from "../../../test/contract/destination-fixtures.ts";
import type { StreamClient } from "../../ports/event-streams.ts";
import type { Destinations } from "../index.ts";

const subscription = subscriberTo({ endpointType: "Stream", properties: {} });

/** A client with a fixed behavior. */
class Client implements StreamClient {
  readonly texts: string[] = [];
  readonly pending: ((ok: boolean) => void)[] = [];
  bufferedBytes = 0;
  ended = false;
  readonly #answer: boolean | undefined;

  /** @param answer result of all writes; `undefined` for a client whose writes stay pending */
  constructor(answer: boolean | undefined = true) {
    this.#answer = answer;
  }

  write(text: string, written: (ok: boolean) => void): void {
    this.texts.push(text);
    if (this.#answer === undefined) this.pending.push(written);
    else written(this.#answer);
  }

  end(): void {
    this.ended = true;
  }
}

describe("a stream", () => {
  let factory: Destinations;
  beforeEach(() => {
    factory = destinations();
  });
  afterEach(async () => {
    await factory.close();
  });
  const deliver = async (one = delivery()) => factory.open(subscription).deliver([one], NOW, NEVER);
  const connect = (client: Client, lastEventId?: string) =>
    factory.streams.connect(subscription.uid, client, lastEventId);

  it("sends every event to every client, with lines of JSON as lines of data [EG-STREAM]", async () => {
    const clients = [new Client(), new Client()];
    for (const client of clients) connect(client);
    const one = delivery({}, {}, { json: new TextEncoder().encode('{\r\n"id":1,\n"a":2\r}') });
    expect(await deliver(one)).toEqual({ kind: "accepted" });
    const text = `id: ${one.event.systemId}\ndata: {\ndata: "id":1,\ndata: "a":2\ndata: }\n\n`;
    for (const { texts } of clients) expect(texts).toEqual([text]);
  });

  it("has delivered an event when one client has received it [EG-STREAM]", async () => {
    const [gone, slow, quick] = [new Client(false), new Client(undefined), new Client()];
    for (const client of [gone, slow, quick]) connect(client);
    expect(await deliver()).toEqual({ kind: "accepted" });
    expect(await deliver()).toEqual({ kind: "accepted" });
    expect([gone.texts.length, slow.texts.length, quick.texts.length]).toEqual([1, 2, 2]);
  });

  it("waits for a client, and for another one after the first has disconnected [EG-STREAM]", async () => {
    const outcome = deliver();
    const gone = new Client(false);
    connect(gone);
    const there = new Client();
    // The stream must notice the loss of the first client before.
    await Promise.resolve();
    connect(there);
    expect(await outcome).toEqual({ kind: "accepted" });
    expect(there.texts).toHaveLength(1);
  });

  it("fails after the timeout without a client [EG-STREAM]", async () => {
    const hasty = destinations({ webhookTimeoutMs: 20 });
    expect(await hasty.open(subscription).deliver([delivery()], NOW, NEVER)).toMatchObject({
      outcome: "TimedOut",
      detail: "Writing to the stream 'to-warehouse' failed: no client received it within 0.02 s.",
    });
    await hasty.close();
  });

  it("resumes after the last event that a client has received [EG-STREAM-RESUME]", async () => {
    connect(new Client());
    const events = [delivery(), delivery(), delivery()];
    for (const event of events) await deliver(event);
    const [resumed, fresh, stranger] = [new Client(), new Client(), new Client()];
    connect(resumed, events[0]?.event.systemId);
    connect(fresh);
    connect(stranger, "unknown");
    const ids = resumed.texts.map((text) => /^id: (.+)/.exec(text)?.[1]);
    expect(ids).toEqual(events.slice(1).map(({ event }) => event.systemId));
    expect([fresh.texts, stranger.texts]).toEqual([[], []]);
  });

  it("keeps the latest 256 events, and at most 4 MB of them [EG-STREAM-RESUME]", async () => {
    connect(new Client());
    const events = Array.from({ length: 300 }, () => delivery());
    for (const event of events) await deliver(event);
    const since = (at: number): number => {
      const client = new Client();
      connect(client, events[at]?.event.systemId)();
      return client.texts.length;
    };
    expect([since(43), since(44), since(299)]).toEqual([0, 255, 0]);
    const large = Array.from({ length: 6 }, () => delivery({ data: "x".repeat(1_000_000) }));
    for (const event of large) await deliver(event);
    const client = new Client();
    connect(client, large[2]?.event.systemId);
    expect(client.texts).toHaveLength(0);
  });

  it("disconnects a client that is too slow, and accepts at most a hundred clients", async () => {
    const slow = new Client(undefined);
    slow.bufferedBytes = 5_000_000;
    connect(slow);
    connect(new Client());
    await deliver();
    expect(slow.ended).toBe(true);
    for (let count = 1; count < 100; count += 1) connect(new Client());
    expect(() => connect(new Client())).toThrow("100 clients");
  });

  it("ends its clients when the factory closes", async () => {
    const client = new Client();
    connect(client);
    await factory.close();
    expect(client.ended).toBe(true);
  });
});
