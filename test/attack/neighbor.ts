import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 25;

/** Results of a good publisher that continues during an attack. */
export interface NeighborReport {
  readonly ids: readonly string[];
  /** Statuses other than 200, and errors. */
  readonly failures: readonly string[];
  readonly medianMs: number;
  readonly slowestMs: number;
}

/** A good publisher that sends one event after another and measures the response times. */
export class Neighbor {
  readonly #endpoint: string;
  readonly #key: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #stopping = new AbortController();
  readonly #ids: string[] = [];
  readonly #failures: string[] = [];
  readonly #durations: number[] = [];
  readonly #running: Promise<void>;

  constructor(endpoint: string, key: string) {
    this.#endpoint = endpoint;
    this.#key = key;
    this.#running = this.#run();
  }

  async stop(): Promise<NeighborReport> {
    this.#stopping.abort();
    await this.#running;
    this.#agent.destroy();
    const sorted = this.#durations.toSorted((one, other) => one - other);
    return {
      ids: this.#ids,
      failures: this.#failures,
      medianMs: sorted[Math.floor(sorted.length / 2)] ?? 0,
      slowestMs: sorted.at(-1) ?? 0,
    };
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const id = String(this.#ids.length);
      const startedAt = performance.now();
      const outcome = await this.#publish(id).catch(String);
      this.#durations.push(performance.now() - startedAt);
      if (outcome === "200") this.#ids.push(id);
      else this.#failures.push(outcome);
      await pause(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  #publish(id: string): Promise<string> {
    const event = { id, subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" };
    return new Promise((resolve, reject) => {
      const headers = { "aeg-sas-key": this.#key, "content-type": "application/json" };
      const sending = request(this.#endpoint, { method: "POST", agent: this.#agent, headers }, (response) => {
        response.resume();
        response.once("end", () => resolve(String(response.statusCode)));
      });
      sending.once("error", reject);
      sending.end(JSON.stringify([event]));
    });
  }
}
