import { decodeStoredDelivery, type StoredDelivery } from "../../records/stored-delivery.ts";
import type { StoreFile } from "../log/store-file.ts";
import type { Draft } from "./draft.ts";
import type { GroupCommit } from "../log/group-commit.ts";
import { readEnded, unpackRecords } from "./delivery-pack.ts";
import { deliveryKey, FIRST_PLACE, LAST_PLACE, numberKey, recordPlaceOf } from "../file/keys.ts";

/** Number of deliveries after which a transaction ends, so that a large queue delays other writes only briefly. */
const STEP = 1_000;

/** Deletes the deliveries of removed queues, step by step, also after a restart. */
export class RemovedQueues {
  readonly #file: StoreFile;
  readonly #commits: GroupCommit<Draft>;
  readonly #waiting = new Set<number>();
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(file: StoreFile, commits: GroupCommit<Draft>) {
    this.#file = file;
    this.#commits = commits;
  }

  /** Starts to delete the deliveries of a queue by its id. */
  clear(id: number): void {
    this.#waiting.add(id);
    this.#running ??= this.#run();
  }

  /** Ends after the step in progress. The next start continues. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    for (const id of this.#waiting) {
      try {
        for (let more = true; more && !this.#stopped;) more = await this.#step(id);
      } catch {
        // The store cannot write now. The queue is still recorded, so the next start continues.
      }
      this.#waiting.delete(id);
    }
    this.#running = undefined;
  }

  async #step(id: number): Promise<boolean> {
    let more = false;
    await this.#commits.write({
      draft: (draft) => {
        more = this.#draftStep(draft, id);
      },
    });
    return more;
  }

  #draftStep(draft: Draft, id: number): boolean {
    let removed = 0;
    const end = deliveryKey(id, LAST_PLACE);
    for (const { key, value } of this.#file.range("deliveries", deliveryKey(id, FIRST_PLACE), end)) {
      if (removed >= STEP) return true;
      const place = recordPlaceOf(key);
      const ended = readEnded(this.#file, place, key);
      for (const { record } of unpackRecords(place, value, ended)) {
        const event = eventOf(record);
        if (typeof event === "number") draft.dropEvent(event);
      }
      draft.remove("deliveries", key);
      if (ended !== undefined) draft.remove("ended", key);
      removed += place.size;
    }
    draft.remove("removed", numberKey(id, 4));
    return false;
  }
}

function eventOf(value: Buffer): StoredDelivery["event"] | undefined {
  try {
    return decodeStoredDelivery(value).event;
  } catch {
    // The file is damaged. The delivery is deleted anyway.
    return undefined;
  }
}
