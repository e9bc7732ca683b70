import { afterAll, describe, expect, it } from "vitest";
import { Receiver, type ReceivedRequest } from "../support/receiver.ts";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/run-ringmain.ts";

const ROUNDS = Number(process.env["RINGMAIN_CRASH_ROUNDS"] ?? 50);
const PUBLISHERS = 8;
const key1 = Buffer.from("a key for the tests of crashing!").toString("base64");

/** A small generator with a seed, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

describe("kill -9 while publishing and delivering", () => {
  afterAll(removeFolders);

  it(`loses nothing acknowledged in ${ROUNDS} rounds`, async () => {
    const seed = Number(process.env["RINGMAIN_CRASH_SEED"] ?? Date.now() % 100_000);
    const random = seeded(seed);
    const receiver = await Receiver.start();
    const delivered = new Set<string>();
    const take = ({ headers, body }: ReceivedRequest): number => {
      for (const { id } of body as { id: string }[]) delivered.add(`${String(headers["aeg-subscription-name"])} ${id}`);
      return 200;
    };
    // Some attempts fail, so that settling for a retry is interrupted as well.
    receiver.answer = (request) => (random() < 0.2 ? 500 : take(request));
    const data = await temporaryFolder();
    const config = {
      topics: [
        {
          name: "orders",
          key1,
          subscriptions: [
            { name: "one", destination: { endpointType: "WebHook", properties: { endpointUrl: receiver.url } } },
            {
              name: "batched",
              destination: {
                endpointType: "WebHook",
                properties: { endpointUrl: receiver.url, maxEventsPerBatch: 10 },
              },
            },
          ],
        },
      ],
    };
    const acknowledged = new Set<string>();
    let next = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const ringmain = await runRingmain({ config, data });
      const target = acknowledged.size + 1 + Math.floor(random() * 150);
      await publishUntil(
        ringmain,
        () => `event-${(next += 1)}`,
        acknowledged,
        () => acknowledged.size >= target,
      );
    }
    // The last one lives: what waits for a retry comes with the schedule's first steps.
    const ringmain = await runRingmain({ config, data });
    receiver.answer = take;
    const missing = (): string[] =>
      [...acknowledged].filter((id) => !delivered.has(`ONE ${id}`) || !delivered.has(`BATCHED ${id}`));
    await receiver.until(() => missing().length === 0);
    expect(missing(), `seed ${seed}`).toEqual([]);
    expect(acknowledged.size).toBeGreaterThan(ROUNDS);
    await ringmain.stop();
    await receiver.stop();
  });
});

/** Publishes from several connections until `enough`, then kills the server in the middle of it. */
async function publishUntil(
  ringmain: RunningRingmain,
  nextId: () => string,
  acknowledged: Set<string>,
  enough: () => boolean,
): Promise<void> {
  const endpoint = ringmain.ready.topics.find(({ name }) => name === "orders")?.endpoint ?? "";
  let killed: Promise<void> | undefined;
  const publish = async (): Promise<void> => {
    while (killed === undefined) {
      const id = nextId();
      const event = { id, subject: "s", eventType: "Order.Placed", eventTime: "2026-01-01T00:00:00Z", data: {} };
      try {
        const response = await fetch(endpoint, {
          method: "POST",
          headers: { "aeg-sas-key": key1 },
          body: JSON.stringify([event]),
        });
        await response.arrayBuffer();
        if (response.status === 200) acknowledged.add(id);
      } catch (thrown) {
        // The connection broke: the event was not acknowledged, and may or may not be there.
        if (killed === undefined) throw thrown;
      }
      if (enough() && killed === undefined) killed = ringmain.kill();
    }
  };
  await Promise.all(Array.from({ length: PUBLISHERS }, publish));
  await killed;
}
