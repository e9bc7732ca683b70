import type { DeliveryBits } from "./delivery-pack.ts";
import { nth, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";

/** A record of one or more deliveries, and its place. */
export interface StoredRecord {
  readonly place: RecordPlace;
  readonly record: Buffer;
}

/** A delivery's place, and the record that contains it. */
export interface HoldingRecord {
  readonly place: DeliveryPlace;
  readonly record: Buffer;
}

/** Limits the bytes of deliveries that all queues of a store keep in memory ahead of their turn. */
export class AheadBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  get left(): number {
    return this.#left;
  }

  take(bytes: number): void {
    this.#left -= bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

/** Maximum bytes that a queue keeps in memory ahead of their turn. */
const MAX_AHEAD_BYTES = 2 ** 22;
/** Estimated bytes that a record needs in memory in addition to its own bytes. */
const OVERHEAD_BYTES = 250;

interface AheadRecord extends StoredRecord {
  /** Deliveries that were not waiting when the record was read. */
  readonly passed: DeliveryBits | undefined;
  /** Index of the first delivery that has not been passed. */
  next: number;
}

/** The records of a queue that are in memory ahead of their turn, in order. Measured in docs/hot-path.md. */
export class AheadList {
  readonly #budget: AheadBudget;
  #records: AheadRecord[] = [];
  /** Number of records that have been passed. */
  #passed = 0;
  #bytes = 0;

  constructor(budget: AheadBudget) {
    this.#budget = budget;
  }

  /** Place of the first record that has not been passed. */
  get start(): RecordPlace | undefined {
    return this.#records[this.#passed]?.place;
  }

  /**
   * Returns whether there is room for a record. If the record is `wanted` at once, only the queue's maximum applies and
   * not the store's budget.
   */
  hasRoom(stored: Pick<StoredRecord, "record">, wanted: boolean): boolean {
    if (wanted) return this.#bytes < MAX_AHEAD_BYTES;
    const bytes = bytesOf(stored);
    return this.#bytes + bytes <= MAX_AHEAD_BYTES && bytes <= this.#budget.left;
  }

  /**
   * Adds a record.
   *
   * @param passed deliveries of the record that must not be received
   */
  put(stored: StoredRecord, passed: DeliveryBits | undefined): void {
    const bytes = bytesOf(stored);
    this.#records.push({ ...stored, passed, next: 0 });
    this.#bytes += bytes;
    this.#budget.take(bytes);
  }

  /**
   * Returns the first delivery that is not taken, and passes those before it. A delivery may be in memory twice if it
   * was read from the file before its write had ended.
   */
  first(isTaken: (sequence: number) => boolean): DeliveryPlace | undefined {
    for (let first = this.#records[this.#passed]; first !== undefined; first = this.#records[this.#passed]) {
      const { place, next, passed } = first;
      if (passed?.has(next) !== true && !isTaken(place.sequence + next)) return nth(place, next);
      this.pass();
    }
    return undefined;
  }

  /** Returns the record of the delivery that {@link first} has just returned. */
  record(place: DeliveryPlace): HoldingRecord | undefined {
    const first = this.#records[this.#passed];
    return first && { place, record: first.record };
  }

  /** Returns whether {@link first} has just returned this place. */
  isFirst({ record, sequence }: DeliveryPlace): boolean {
    const first = this.#records[this.#passed];
    return first !== undefined && record === first.place && sequence === record.sequence + first.next;
  }

  /** Passes the first delivery. */
  pass(): void {
    const first = this.#records[this.#passed];
    if (first === undefined) return;
    first.next += 1;
    if (first.next < first.place.size) return;
    const bytes = bytesOf(first);
    this.#bytes -= bytes;
    this.#budget.give(bytes);
    this.#passed += 1;
    if (this.#passed < this.#records.length) return;
    this.#records = [];
    this.#passed = 0;
  }

  /** Removes all records. */
  clear(): void {
    this.#budget.give(this.#bytes);
    this.#records = [];
    this.#passed = 0;
    this.#bytes = 0;
  }
}

function bytesOf({ record }: Pick<StoredRecord, "record">): number {
  return record.length + OVERHEAD_BYTES;
}
