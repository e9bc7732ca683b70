import type { QueueName } from "../../../core/delivery.ts";
import type { JetStreamApi } from "../link/jetstream-api.ts";
import type { QueueAddress } from "../link/names.ts";

/**
 * Finds consumers that have nothing to give although their queues hold something, as may be after servers were lost and
 * have come to disagree. Such a consumer holds no lock, so that it can be made anew without harm: then all that is there
 * is given out. For a moment, after deliveries have ended, every consumer looks like that; one that is found so twice is
 * removed, and made again by whoever receives next.
 */
export class StuckConsumers {
  readonly #api: JetStreamApi;
  #suspects: ReadonlySet<QueueName> = new Set();

  constructor(api: JetStreamApi) {
    this.#api = api;
  }

  /** Looks at queues that hold something. Errors: `store_unavailable`. */
  async look(queues: readonly { readonly queue: QueueName; readonly address: QueueAddress }[]): Promise<void> {
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
