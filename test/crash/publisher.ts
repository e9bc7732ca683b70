import type { RunningRingmain } from "../support/servers/run-ringmain.ts";

/** Key of every topic in these tests. */
export const topicKey: string = Buffer.from("a key for the tests of crashing!").toString("base64");

/** Result of a publish request. */
export type PublishResult = { readonly status: number; readonly body: string; readonly headers: Headers } | "broken";

/** Publishes one event with the given id. A broken connection is a result, too: the event may have been stored. */
export function publishOne(
  ringmain: RunningRingmain,
  topic: string,
  id: string,
  data: unknown = {},
): Promise<PublishResult> {
  return publishBatch(ringmain, topic, [id], data);
}

async function publishBatch(
  ringmain: RunningRingmain,
  topic: string,
  ids: readonly string[],
  data: unknown,
): Promise<PublishResult> {
  const endpoint = ringmain.ready.topics.find(({ name }) => name === topic)?.endpoint ?? "";
  const rest = { subject: "s", eventType: "Order.Placed", eventTime: "2026-01-01T00:00:00Z", data };
  try {
    const headers = { "aeg-sas-key": topicKey };
    const body = JSON.stringify(ids.map((id) => ({ id, ...rest })));
    const response = await fetch(endpoint, { method: "POST", headers, body });
    return { status: response.status, body: await response.text(), headers: response.headers };
  } catch {
    return "broken";
  }
}

/** Publishes over several concurrent connections. */
export class Publishers {
  /** Ids of events that got status 200. */
  readonly acknowledged: Set<string> = new Set();
  /** Ids of all events that were sent. */
  readonly sent: Set<string> = new Set();
  readonly refused: Exclude<PublishResult, "broken">[] = [];
  #next = 0;

  /**
   * Publishes until `enough` returns true, which is checked after each response. Resolves when every request has ended.
   */
  async run(
    ringmain: RunningRingmain,
    options: {
      readonly topics: readonly string[];
      readonly connections: number;
      readonly enough: () => boolean;
      readonly data?: unknown;
      /** Number of events in each request. Default: 1. */
      readonly batch?: number;
    },
  ): Promise<void> {
    const { topics, connections, enough, data = {}, batch = 1 } = options;
    let ended = false;
    const publish = async (): Promise<void> => {
      while (!ended) {
        this.#next += 1;
        const topic = topics[this.#next % topics.length] ?? "";
        const ids = Array.from(
          { length: batch },
          (_, index) => `${topic}-${this.#next}${index === 0 ? "" : `-${index}`}`,
        );
        for (const id of ids) this.sent.add(id);
        const answer = await publishBatch(ringmain, topic, ids, data);
        if (answer === "broken") {
          ended ||= enough();
          continue;
        }
        if (answer.status === 200) for (const id of ids) this.acknowledged.add(id);
        else this.refused.push(answer);
        ended ||= enough();
      }
    };
    await Promise.all(Array.from({ length: connections }, publish));
  }
}
