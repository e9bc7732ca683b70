import type { DeliveryBits } from "./delivery-pack.ts";
import { nth, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";

/** A record of deliveries, one or a pack, and its place. */
export interface StoredRecord {
  readonly place: RecordPlace;
  readonly record: Buffer;
}

/** A delivery's place, and the record that holds it, alone or with others. */
export interface HoldingRecord {
  readonly place: DeliveryPlace;
  readonly record: Buffer;
}

/** Bytes of deliveries that all queues of a store keep in memory ahead of their turn. */
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

/** A queue keeps about so many bytes in memory ahead of their turn. */
const MAX_AHEAD_BYTES = 2 ** 22;
/** What a record takes in memory beside its bytes. */
const OVERHEAD_BYTES = 250;

interface AheadRecord extends StoredRecord {
  /** Deliveries that were not waiting when the record was read. */
  readonly passed: DeliveryBits | undefined;
  /** The index of the first delivery that has not been passed. */
  next: number;
}

/**
 * The records of a queue that are in memory ahead of their turn, in order.
 * Measured in docs/hot-path.md.
 */
export class AheadList {
  readonly #budget: AheadBudget;
  #records: AheadRecord[] = [];
  /** How many records have been passed already. */
  #passed = 0;
  #bytes = 0;

  constructor(budget: AheadBudget) {
    this.#budget = budget;
  }

  /** Where the first record stands that has not been passed. */
  get start(): RecordPlace | undefined {
    return this.#records[this.#passed]?.place;
  }

  /** Whether there is room for a record; for one that is `wanted` at once, unless there are too many. */
  hasRoom(stored: Pick<StoredRecord, "record">, wanted: boolean): boolean {
    if (wanted) return this.#bytes < MAX_AHEAD_BYTES;
    const bytes = bytesOf(stored);
    return this.#bytes + bytes <= MAX_AHEAD_BYTES && bytes <= this.#budget.left;
  }

  /** @param passed those of its deliveries that are not to be given out */
  put(stored: StoredRecord, passed: DeliveryBits | undefined): void {
    const bytes = bytesOf(stored);
    this.#records.push({ ...stored, passed, next: 0 });
    this.#bytes += bytes;
    this.#budget.take(bytes);
  }

  /**
   * The first delivery; those before it that are taken are passed. A delivery may be in memory twice when the file told
   * of it before the write was known to have ended.
   */
  first(isTaken: (sequence: number) => boolean): DeliveryPlace | undefined {
    for (let first = this.#records[this.#passed]; first !== undefined; first = this.#records[this.#passed]) {
      const { place, next, passed } = first;
      if (passed?.has(next) !== true && !isTaken(place.sequence + next)) return nth(place, next);
      this.pass();
    }
    return undefined;
  }

  /** The record of what `first` has just answered. */
  record(place: DeliveryPlace): HoldingRecord | undefined {
    const first = this.#records[this.#passed];
    return first && { place, record: first.record };
  }

  /** Whether `first` has just answered this place. */
  isFirst({ record, sequence }: DeliveryPlace): boolean {
    const first = this.#records[this.#passed];
    return first !== undefined && record === first.place && sequence === record.sequence + first.next;
  }

  /** Goes on behind the first delivery. */
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

  /** Lets go of everything. */
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
