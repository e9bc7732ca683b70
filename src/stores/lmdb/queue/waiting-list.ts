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

/** A delivery that waits, and what its record says. */
export interface WaitingDelivery {
  readonly place: DeliveryPlace;
  readonly delivery: StoredDelivery;
  readonly event: EventEnvelope;
}

export interface WaitingListOptions {
  readonly file: StoreFile;
  readonly queueId: number;
  readonly budget: AheadBudget;
  /** The file holds nothing of this queue. */
  readonly empty: boolean;
  /** Whether a delivery on disk is not waiting. */
  readonly isTaken: (sequence: number) => boolean;
  /** Makes sense of a record; `undefined` when there is none: then the place counts as taken. */
  readonly read: (stored: HoldingRecord) => WaitingDelivery | undefined;
}

/** So many returned deliveries are remembered one by one; with more, the file is read again from the first of them. */
const MAX_RETURNED = 10_000;
/**
 * What waits in one queue, in order.
 *
 * The file keeps all of it. Everything before `position` is taken, gone, among `returned` (those that came to wait
 * before it: locks that ran out, releases into the past) or `ahead`, in memory; everything from `position` on waits,
 * and from there up to `gapEnd` is nothing. So what is next is found without passing over what is taken, and an event
 * that arrives in the gap need not be read to be received. A pack is read whole. A delivery that was released out of it to
 * the time it had has a record of its own, within the pack's span.
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

  /** A delivery that is on disk has come to wait. */
  add(place: DeliveryPlace): void {
    if (this.#isUnread(place.record)) return;
    this.#returned.push(place);
    if (this.#returned.size > MAX_RETURNED) this.#rewind(this.#firstKnown());
  }

  /** Deliveries whose record is at hand have come to wait. Its bytes must not change. */
  addRecord(stored: StoredRecord): void {
    const { place } = stored;
    const inGap = !isBefore(place, this.#position) && isBefore(place, this.#gapEnd);
    if (inGap && this.#ahead.hasRoom(stored, false)) this.#putAhead(stored, undefined);
    else if (!this.#isUnread(place)) for (let index = 0; index < place.size; index += 1) this.add(nth(place, index));
  }

  /** Forgets what was read of the file, since that may be wrong. */
  reread(): void {
    this.#rewind(FIRST_PLACE);
  }

  /** What is to be taken next, if it is due at `now`. */
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

  /** Takes out what `next` has just answered. */
  take({ place }: WaitingDelivery): void {
    if (this.#ahead.isFirst(place)) this.#ahead.pass();
    else this.#returned.pop();
  }

  /** When the first of all falls due; `undefined` when nothing waits. */
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

  /** Lets go of what is in memory. */
  clear(): void {
    this.#returned.clear();
    this.#ahead.clear();
  }

  #rewind(to: Place): void {
    this.clear();
    this.#position = to;
    this.#gapEnd = to;
  }

  /** Not behind any record of what is known to wait, which may begin before its first delivery that does. */
  #firstKnown(): Place {
    const dueAt = Math.min(
      this.#returned.peek()?.dueAt ?? LAST_PLACE.dueAt,
      this.#ahead.start?.dueAt ?? LAST_PLACE.dueAt,
    );
    return { dueAt, sequence: 0 };
  }

  /** Whether a record is to be read yet; then it will be. */
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

  /** Reads what is due from the file: as many as are wanted, and what more there is room for. */
  #readAhead(now: EpochMs, wanted: number): void {
    const { file } = this.#options;
    let found = 0;
    for (const { key, value } of file.range("deliveries", this.#key(this.#gapEnd), this.#key(LAST_PLACE))) {
      const place = recordPlaceOf(key);
      const stored = { place, record: value };
      const passed = this.#notWaitingIn(place);
      if (passed.left > 0) {
        // One that was released within the span of a pack has its turn between those of the pack.
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

  /** The first that waits in the file behind the gap. */
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

  /** Those of a record that have ended, are locked, or cannot be read. */
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
