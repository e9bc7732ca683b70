import type { StoredDelivery } from "../../codec/stored-delivery.ts";
import type { EventEnvelope } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import { MinHeap } from "../min-heap.ts";
import type { StoreFile } from "./store-file.ts";
import { deliveryKey, FIRST_PLACE, isBefore, LAST_PLACE, placeOf, type Place } from "./keys.ts";

/** A delivery's record and its place. */
export interface StoredRecord {
  readonly place: Place;
  readonly record: Uint8Array;
}

/** A delivery that waits, and what its record says. */
export interface WaitingDelivery {
  readonly place: Place;
  readonly delivery: StoredDelivery;
  readonly event: EventEnvelope;
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

export interface WaitingListOptions {
  readonly file: StoreFile;
  readonly queueId: number;
  readonly budget: AheadBudget;
  /** The file holds nothing of this queue. */
  readonly empty: boolean;
  /** Whether a delivery on disk is not waiting. */
  readonly isTaken: (place: Place) => boolean;
  /** Makes sense of a record; `undefined` when there is none: then the place counts as taken. */
  readonly read: (stored: StoredRecord) => WaitingDelivery | undefined;
}

/** So many returned deliveries are remembered one by one; with more, the file is read again from the first of them. */
const MAX_RETURNED = 10_000;
/** A queue keeps about so many bytes in memory ahead of their turn. */
const MAX_AHEAD_BYTES = 2 ** 22;
/** What a record takes in memory beside its bytes. */
const OVERHEAD_BYTES = 250;

/**
 * What waits in one queue, in order.
 *
 * The file keeps all of it. Everything before `position` is taken, gone, among `returned` (those that came to wait
 * before it: locks that ran out, releases into the past) or `ahead`, in memory; everything from `position` on waits,
 * and from there up to `gapEnd` is nothing. So what is next is found without passing over what is taken, and an event
 * that arrives in the gap need not be read to be received.
 */
export class WaitingList {
  readonly #options: WaitingListOptions;
  #position: Place;
  #gapEnd: Place;
  readonly #returned = new MinHeap<Place>(isBefore);
  #ahead: StoredRecord[] = [];
  /** How many of `ahead` have been taken already. */
  #aheadTaken = 0;
  #aheadBytes = 0;

  constructor(options: WaitingListOptions) {
    this.#options = options;
    this.#position = FIRST_PLACE;
    this.#gapEnd = options.empty ? LAST_PLACE : FIRST_PLACE;
  }

  /** A delivery that is on disk has come to wait. */
  add(place: Place): void {
    if (!isBefore(place, this.#position)) {
      if (isBefore(place, this.#gapEnd)) this.#gapEnd = place;
      return;
    }
    this.#returned.push(place);
    if (this.#returned.size > MAX_RETURNED) this.#rewind(this.#firstKnown());
  }

  /** The same, of one whose record is at hand. Its bytes must not change. */
  addRecord(stored: StoredRecord): void {
    const { place } = stored;
    const inGap = !isBefore(place, this.#position) && isBefore(place, this.#gapEnd);
    if (inGap && this.#hasRoom(bytesOf(stored))) this.#putAhead(stored);
    else this.add(place);
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

  #nextRecord(now: EpochMs, wanted: number): StoredRecord | undefined {
    for (;;) {
      const ahead = this.#firstAhead(now, wanted);
      const returned = this.#returned.peek();
      if (returned === undefined || (ahead !== undefined && isBefore(ahead.place, returned))) {
        return ahead !== undefined && ahead.place.dueAt <= now ? ahead : undefined;
      }
      if (returned.dueAt > now) return undefined;
      const found = returned.sequence === ahead?.place.sequence ? undefined : this.#readReturned(returned);
      if (found !== undefined) return found;
      this.#returned.pop();
    }
  }

  /** Takes out what `next` has just answered. */
  take({ place }: WaitingDelivery): void {
    if (place === this.#ahead[this.#aheadTaken]?.place) this.#dropFirstAhead();
    else this.#returned.pop();
  }

  /** When the first of all falls due; `undefined` when nothing waits. */
  nextDueAt(): EpochMs | undefined {
    for (let place = this.#returned.peek(); place !== undefined; place = this.#returned.peek()) {
      if (this.#readReturned(place) !== undefined) break;
      this.#returned.pop();
    }
    const returned = this.#returned.peek()?.dueAt ?? Number.POSITIVE_INFINITY;
    const rest = this.#firstInMemory()?.place ?? this.#firstInFile();
    const first = Math.min(returned, rest?.dueAt ?? Number.POSITIVE_INFINITY);
    return rest === undefined && this.#returned.size === 0 ? undefined : first;
  }

  /** Lets go of what is in memory. */
  clear(): void {
    this.#returned.clear();
    this.#options.budget.give(this.#aheadBytes);
    this.#ahead = [];
    this.#aheadTaken = 0;
    this.#aheadBytes = 0;
  }

  #rewind(to: Place): void {
    this.clear();
    this.#position = to;
    this.#gapEnd = to;
  }

  #firstKnown(): Place {
    const returned = this.#returned.peek() ?? this.#position;
    const ahead = this.#ahead[this.#aheadTaken]?.place;
    return ahead !== undefined && isBefore(ahead, returned) ? ahead : returned;
  }

  #hasRoom(bytes: number): boolean {
    return this.#aheadBytes + bytes <= MAX_AHEAD_BYTES && bytes <= this.#options.budget.left;
  }

  #putAhead(stored: StoredRecord): void {
    const bytes = bytesOf(stored);
    this.#ahead.push(stored);
    this.#aheadBytes += bytes;
    this.#options.budget.take(bytes);
    this.#position = behind(stored.place);
  }

  #firstAhead(now: EpochMs, wanted: number): StoredRecord | undefined {
    const first = this.#firstInMemory();
    if (first !== undefined || this.#gapEnd.dueAt > now) return first;
    this.#readAhead(now, wanted);
    return this.#firstInMemory();
  }

  /** A delivery may be in memory twice when the file told of it before the write was known to have ended. */
  #firstInMemory(): StoredRecord | undefined {
    for (;;) {
      const first = this.#ahead[this.#aheadTaken];
      if (first === undefined || !this.#options.isTaken(first.place)) return first;
      this.#dropFirstAhead();
    }
  }

  #dropFirstAhead(): void {
    const first = this.#ahead[this.#aheadTaken];
    if (first === undefined) return;
    const bytes = bytesOf(first);
    this.#aheadBytes -= bytes;
    this.#options.budget.give(bytes);
    this.#aheadTaken += 1;
    if (this.#aheadTaken < this.#ahead.length) return;
    this.#ahead = [];
    this.#aheadTaken = 0;
  }

  /** Reads what is due from the file: as many as are wanted, and what more there is room for. */
  #readAhead(now: EpochMs, wanted: number): void {
    const { file, isTaken } = this.#options;
    let found = 0;
    for (const { key, value } of file.range("deliveries", this.#key(this.#gapEnd), this.#key(LAST_PLACE))) {
      const place = placeOf(key);
      if (!isTaken(place)) {
        const room = found < wanted ? this.#aheadBytes < MAX_AHEAD_BYTES : this.#hasRoom(value.length + OVERHEAD_BYTES);
        if (place.dueAt > now || (found > 0 && !room)) {
          this.#gapEnd = place;
          return;
        }
        this.#putAhead({ place, record: value });
        found += 1;
      } else this.#position = behind(place);
    }
    this.#gapEnd = LAST_PLACE;
  }

  /** The first that waits in the file behind the gap. */
  #firstInFile(): Place | undefined {
    if (this.#gapEnd === LAST_PLACE) return undefined;
    const { file, isTaken } = this.#options;
    for (const { key } of file.range("deliveries", this.#key(this.#gapEnd), this.#key(LAST_PLACE))) {
      const place = placeOf(key);
      if (isTaken(place)) continue;
      this.#gapEnd = place;
      return place;
    }
    this.#gapEnd = LAST_PLACE;
    return undefined;
  }

  #readReturned(place: Place): StoredRecord | undefined {
    const { file, isTaken } = this.#options;
    const record = isTaken(place) ? undefined : file.get("deliveries", this.#key(place));
    return record && { place, record };
  }

  #key(place: Place): Buffer {
    return deliveryKey(this.#options.queueId, place);
  }
}

function behind({ dueAt, sequence }: Place): Place {
  return { dueAt, sequence: sequence + 1 };
}

function bytesOf({ record }: StoredRecord): number {
  return record.length + OVERHEAD_BYTES;
}
