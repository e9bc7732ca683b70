import type { StoredDelivery } from "../../records/stored-delivery.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { EpochMs } from "../../../core/time.ts";
import { MinHeap } from "../../../core/min-heap.ts";
import { AheadList, type AheadBudget, type HoldingRecord, type StoredRecord } from "./ahead-list.ts";
import { DeliveryBits, readEnded } from "./delivery-pack.ts";
import type { StoreFile } from "../log/store-file.ts";
import {
  deliveryKey,
  FIRST_PLACE,
  isBefore,
  LAST_PLACE,
  nth,
  recordPlaceOf,
  recordKey,
  type DeliveryPlace,
  type Place,
  type RecordPlace,
} from "../file/keys.ts";

/** A waiting delivery and the contents of its record. */
export interface WaitingDelivery {
  readonly place: DeliveryPlace;
  readonly delivery: StoredDelivery;
  readonly event: EventEnvelope;
}

export interface WaitingListOptions {
  readonly file: StoreFile;
  readonly queueId: number;
  readonly budget: AheadBudget;
  /** Whether the file contains no deliveries of this queue. */
  readonly empty: boolean;
  /** Returns whether a delivery on disk is not waiting. */
  readonly isTaken: (sequence: number) => boolean;
  /** Decodes a record; `undefined` if that is impossible, in which case the delivery counts as taken. */
  readonly read: (stored: HoldingRecord) => WaitingDelivery | undefined;
}

/**
 * Maximum number of returned deliveries that are kept individually. If there are more, the file is read again from the
 * first of them.
 */
const MAX_RETURNED = 10_000;
/**
 * The waiting deliveries of one queue, in order. All of them are in the file; the list divides the queue at two places.
 * - Before `position`, every delivery is taken, deleted, in `returned` (it started to wait later, because its lock ran
 *   out or it was released to a time in the past), or in `ahead`, the part that is in memory.
 * - Between `position` and `gapEnd` there are no deliveries.
 * - From `gapEnd` on, all deliveries that are not taken wait in the file.
 *
 * The next delivery is therefore found without skipping taken ones, and a delivery that arrives in the gap is received
 * without being read from the file. A pack is read as a whole. A delivery of a pack that is released to its old due
 * time gets a record of its own, between the deliveries of the pack.
 */
export class WaitingList {
  readonly #options: WaitingListOptions;
  #position: Place;
  #gapEnd: Place;
  readonly #returned = new MinHeap<DeliveryPlace>(isBefore);
  readonly #ahead: AheadList;

  constructor(options: WaitingListOptions) {
    this.#options = options;
    this.#ahead = new AheadList(options.budget);
    this.#position = FIRST_PLACE;
    this.#gapEnd = options.empty ? LAST_PLACE : FIRST_PLACE;
  }

  /** Adds a delivery that is on disk and waits from now on. */
  add(place: DeliveryPlace): void {
    if (this.#isUnread(place.record)) return;
    this.#returned.push(place);
    if (this.#returned.size > MAX_RETURNED) this.#rewind(this.#firstKnown());
  }

  /** Adds deliveries that are on disk and wait from now on, with their record. The record's bytes must not change. */
  addRecord(stored: StoredRecord): void {
    const { place } = stored;
    const inGap = !isBefore(place, this.#position) && isBefore(place, this.#gapEnd);
    if (inGap && this.#ahead.hasRoom(stored, false)) this.#putAhead(stored, undefined);
    else if (!this.#isUnread(place)) for (let index = 0; index < place.size; index += 1) this.add(nth(place, index));
  }

  /** Discards everything that was read from the file, because it may be outdated. */
  reread(): void {
    this.#rewind(FIRST_PLACE);
  }

  /** Returns the next delivery if it is due at `now`. */
  next(now: EpochMs, wanted: number): WaitingDelivery | undefined {
    for (;;) {
      const stored = this.#nextRecord(now, wanted);
      const waiting = stored && this.#options.read(stored);
      if (stored === undefined || waiting !== undefined) return waiting;
    }
  }

  #nextRecord(now: EpochMs, wanted: number): HoldingRecord | undefined {
    for (;;) {
      const ahead = this.#firstAhead(now, wanted);
      const returned = this.#returned.peek();
      if (returned === undefined || (ahead !== undefined && isBefore(ahead, returned))) {
        return ahead !== undefined && ahead.dueAt <= now ? this.#ahead.record(ahead) : undefined;
      }
      if (returned.dueAt > now) return undefined;
      const found = returned.sequence === ahead?.sequence ? undefined : this.#readReturned(returned);
      if (found !== undefined) return found;
      this.#returned.pop();
    }
  }

  /** Removes the delivery that {@link next} has just returned. */
  take({ place }: WaitingDelivery): void {
    if (this.#ahead.isFirst(place)) this.#ahead.pass();
    else this.#returned.pop();
  }

  /** Returns the due time of the first delivery; `undefined` if none waits. */
  nextDueAt(): EpochMs | undefined {
    for (let place = this.#returned.peek(); place !== undefined; place = this.#returned.peek()) {
      if (this.#readReturned(place) !== undefined) break;
      this.#returned.pop();
    }
    const returned = this.#returned.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    const rest = this.#firstInMemory() ?? this.#firstInFile();
    const first = Math.min(returned, rest?.dueAt ?? Number.POSITIVE_INFINITY);
    return rest === undefined && this.#returned.size === 0 ? undefined : first;
  }

  /** Removes all deliveries from memory. */
  clear(): void {
    this.#returned.clear();
    this.#ahead.clear();
  }

  #rewind(to: Place): void {
    this.clear();
    this.#position = to;
    this.#gapEnd = to;
  }

  /**
   * Returns a place that is not behind any record with a known waiting delivery. A record may start before its first
   * waiting delivery.
   */
  #firstKnown(): Place {
    const dueAt = Math.min(
      this.#returned.peek()?.dueAt ?? LAST_PLACE.dueAt,
      this.#ahead.start?.dueAt ?? LAST_PLACE.dueAt,
    );
    return { dueAt, sequence: 0 };
  }

  /** Returns whether a record has not been read. If so, extends the unread range to include it. */
  #isUnread(record: RecordPlace): boolean {
    if (isBefore(record, this.#position)) return false;
    if (isBefore(record, this.#gapEnd)) this.#gapEnd = record;
    return true;
  }

  #putAhead(stored: StoredRecord, passed: DeliveryBits | undefined): void {
    this.#ahead.put(stored, passed);
    this.#pass(stored.place);
  }

  #pass(record: RecordPlace): void {
    const end = behind(record);
    if (isBefore(this.#position, end)) this.#position = end;
  }

  #firstAhead(now: EpochMs, wanted: number): DeliveryPlace | undefined {
    const first = this.#firstInMemory();
    if (first !== undefined || this.#gapEnd.dueAt > now) return first;
    this.#readAhead(now, wanted);
    return this.#firstInMemory();
  }

  #firstInMemory(): DeliveryPlace | undefined {
    return this.#ahead.first(this.#options.isTaken);
  }

  /** Reads due deliveries from the file: as many as are wanted, and more as the budget allows. */
  #readAhead(now: EpochMs, wanted: number): void {
    const { file } = this.#options;
    let found = 0;
    for (const { key, value } of file.range("deliveries", this.#key(this.#gapEnd), this.#key(LAST_PLACE))) {
      const place = recordPlaceOf(key);
      const stored = { place, record: value };
      const passed = this.#notWaitingIn(place);
      if (passed.left > 0) {
        // A delivery that was released within the range of a pack belongs between the deliveries of the pack.
        const isWithin = place.size === 1 && isBefore(place, this.#position);
        const room = isWithin
          ? found < wanted || this.#returned.size < MAX_RETURNED
          : this.#ahead.hasRoom(stored, found < wanted);
        if (place.dueAt > now || (found > 0 && !room)) {
          this.#gapEnd = place;
          return;
        }
        if (isWithin) this.#returned.push(nth(place, 0));
        else this.#putAhead(stored, passed);
        found += passed.left;
      } else this.#pass(place);
    }
    this.#gapEnd = LAST_PLACE;
  }

  /** Returns the place of the first waiting delivery in the file behind the gap. */
  #firstInFile(): Place | undefined {
    if (this.#gapEnd === LAST_PLACE) return undefined;
    const { file } = this.#options;
    for (const { key } of file.range("deliveries", this.#key(this.#gapEnd), this.#key(LAST_PLACE))) {
      const place = recordPlaceOf(key);
      if (this.#notWaitingIn(place).left === 0) continue;
      this.#gapEnd = place;
      return place;
    }
    this.#gapEnd = LAST_PLACE;
    return undefined;
  }

  #readReturned(place: DeliveryPlace): HoldingRecord | undefined {
    const { file, isTaken, queueId } = this.#options;
    const { record } = place;
    const index = place.sequence - record.sequence;
    if (isTaken(place.sequence) || this.#endedIn(record).has(index)) return undefined;
    const stored = file.get("deliveries", recordKey(queueId, record));
    return stored && { place, record: stored };
  }

  #endedIn(record: RecordPlace): DeliveryBits {
    const { file, queueId } = this.#options;
    return new DeliveryBits(record.size, readEnded(file, record, recordKey(queueId, record)));
  }

  /** Returns the deliveries of a record that have ended, are locked, or cannot be read. */
  #notWaitingIn(record: RecordPlace): DeliveryBits {
    const bits = this.#endedIn(record);
    for (let index = 0; index < record.size; index += 1) {
      if (this.#options.isTaken(record.sequence + index)) bits.add(index);
    }
    return bits;
  }

  #key(place: Place): Buffer {
    return deliveryKey(this.#options.queueId, place);
  }
}

function behind({ dueAt, sequence, size }: RecordPlace): Place {
  return { dueAt, sequence: sequence + size };
}
