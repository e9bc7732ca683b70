import type { QueueName } from "../../../core/delivery.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import type { QueueAddress } from "../link/names.ts";

/**
 * Finds consumers that deliver nothing although their queues contain messages. This can happen after servers were lost,
 * when their replicas disagree. Such a consumer holds no lock, so it can be replaced safely; the new one delivers all
 * messages. Every consumer looks like that for a moment after deliveries have ended, so a consumer is deleted when it
 * is found twice in a row. The next receive creates it again.
 */
export class StuckConsumers {
  readonly #api: JetStreamApi;
  #suspects: ReadonlySet<QueueName> = new Set();

  constructor(api: JetStreamApi) {
    this.#api = api;
  }

  /** Checks queues that are not empty. Rejects with `store_unavailable`. */
  async check(queues: readonly { readonly queue: QueueName; readonly address: QueueAddress }[]): Promise<void> {
    const suspects = new Set<QueueName>();
    for (const { queue, address } of queues) {
      const state = await this.#api.consumerState(address);
      if (state === undefined || state.pending > 0 || state.unsettled > 0) continue;
      if (this.#suspects.has(queue)) await this.#api.deleteConsumer(address);
      else suspects.add(queue);
    }
    this.#suspects = suspects;
  }
}
