import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { topicKey } from "../crash/publisher.ts";
import type { ReceivedRequest } from "../support/servers/receiver.ts";
import type { SeededRandom } from "../support/fixtures/seeded-random.ts";

/** Share of first attempts at `ONE` that fail, so that retries are interrupted, too. */
const FAILING_SHARE = 0.05;

/** Topics to publish to. One in four events becomes a dead letter. */
export const TOPICS: readonly string[] = ["orders", "orders", "failing", "orders"];

/** Destinations that are the same for every node. */
export interface Receivers {
  readonly url: string;
  /** Absolute path of the folder of dead letters, which all nodes share. */
  readonly deadLetters: string;
}

/** Returns the configuration of every node. `extra` is a temporary topic. */
export function configuration({ url, deadLetters }: Receivers, extra?: string): object {
  const subscription = (name: string, more: object = {}, properties: object = {}): object => ({
    name,
    destination: { endpointType: "WebHook", properties: { endpointUrl: url, ...properties } },
    ...more,
  });
  const deadLetterDestination = { endpointType: "Folder", properties: { path: deadLetters } };
  return {
    // A lock lasts four times as long, so the locks of a killed node soon expire. With a shorter timeout, attempts
    // would fail on a busy machine, and after a few failures a retry waits for many minutes.
    delivery: { timeoutSeconds: 5, deadLetterDelaySeconds: 0, maxProbationSeconds: 0 },
    // Allows any rate of events.
    limits: "relaxed",
    topics: [
      {
        name: "orders",
        key1: topicKey,
        subscriptions: [subscription("one"), subscription("batched", {}, { maxEventsPerBatch: 10 })],
      },
      { name: "failing", key1: topicKey, subscriptions: [subscription("refused", { deadLetterDestination })] },
      ...(extra === undefined ? [] : [{ name: extra, key1: topicKey, subscriptions: [] }]),
    ],
  };
}

/** The subscribers, with the events that each has accepted as `SUBSCRIPTION id`. */
export class Subscribers {
  readonly delivered: Set<string> = new Set();
  /** Number of repeated deliveries of accepted events. */
  duplicates = 0;
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  answer({ headers, body }: ReceivedRequest): number {
    const name = String(headers["aeg-subscription-name"]);
    if (name === "REFUSED") return 400;
    if (name === "ONE" && headers["aeg-delivery-count"] === "0" && this.#random.next() < FAILING_SHARE) return 500;
    for (const { id } of body as { id: string }[]) {
      const key = `${name} ${id}`;
      if (this.delivered.has(key)) this.duplicates += 1;
      this.delivered.add(key);
    }
    return 200;
  }
}

/** Returns acknowledged events that were neither delivered nor dead-lettered. */
export async function missing(
  acknowledged: Iterable<string>,
  subscribers: Subscribers,
  folder: string,
): Promise<string[]> {
  const { delivered } = subscribers;
  const wanted = Array.from(acknowledged).flatMap((id) =>
    id.startsWith("failing") ? [`REFUSED ${id}`] : [`ONE ${id}`, `BATCHED ${id}`],
  );
  const left = wanted.filter((key) => !delivered.has(key));
  if (!left.some((key) => key.startsWith("REFUSED"))) return left;
  for (const id of await deadLettersIn(folder)) delivered.add(`REFUSED ${id}`);
  return left.filter((key) => !delivered.has(key));
}

/** Returns the ids in all dead letters. */
async function deadLettersIn(folder: string): Promise<string[]> {
  const ids: string[] = [];
  const files = await readdir(folder, { recursive: true }).catch(() => []);
  for (const file of files) {
    if (!file.endsWith(".json")) continue;
    const batch = JSON.parse(await readFile(join(folder, file), "utf8")) as { id: string }[];
    ids.push(...batch.map(({ id }) => id));
  }
  return ids;
}
