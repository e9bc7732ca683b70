import { decodeEnvelope } from "../../codec/stored-envelope.ts";
import { decodeDelivery, type StoredDelivery } from "../../codec/stored-delivery.ts";
import type { LockedDelivery, QueueName } from "../../core/delivery.ts";
import { RingmainError, toError } from "../../core/errors.ts";
import type { EventEnvelope } from "../../core/event.ts";
import type { EpochMs } from "../../core/time.ts";
import type { DeliveryQueue } from "../../ports/delivery-queue.ts";
import type { Logger } from "../../ports/logger.ts";
import { LockTable } from "../lock-table.ts";
import { MinHeap } from "../min-heap.ts";
import type { DataFile } from "./data-file.ts";
import { deliveryKey, FIRST_PLACE, isBefore, LAST_PLACE, numberKey, placeOf, type Place } from "./keys.ts";

/** A locked delivery: what is stored, and where. */
export interface HeldDelivery {
  readonly place: Place;
  readonly delivery: StoredDelivery;
}

/** What all queues of a store have in common. */
export interface QueueStateOptions {
  readonly tokenPrefix: string;
  readonly logger: Logger;
}

/** So many returned deliveries are remembered one by one; with more, the file is read again from the first of them. */
const MAX_RETURNED = 10_000;

/**
 * What is known in memory of one queue: little, whatever it holds.
 *
 * The file keeps the deliveries in order. Everything before `position` is locked, gone, or among `returned` (those that
 * came to wait before it: locks that ran out, releases into the past); everything from `position` on waits. So what is
 * next is found without passing over what is locked.
 */
export class QueueState {
  readonly name: QueueName;
  /** Stands for the name in keys; never used for another queue while anything of this one is left. */
  readonly id: number;
  readonly locks: LockTable<HeldDelivery>;
  /** Deliveries on disk, locked ones included. */
  count: number;
  /** The queue has been removed, though not yet all it held. */
  removed = false;
  #position: Place = FIRST_PLACE;
  readonly #returned = new MinHeap<Place>(isBefore);
  /** Sequence numbers of deliveries whose bytes make no sense: the file was damaged. */
  readonly #unreadable = new Set<number>();
  readonly #logger: Logger;

  constructor(name: QueueName, id: number, count: number, { tokenPrefix, logger }: QueueStateOptions) {
    this.name = name;
    this.id = id;
    this.count = count;
    this.locks = new LockTable(tokenPrefix);
    this.#logger = logger;
  }

  key(place: Place): Buffer {
    return deliveryKey(this.id, place);
  }

  /** A delivery that is on disk has come to wait. */
  noteWaiting(place: Place): void {
    if (!isBefore(place, this.#position)) return;
    this.#returned.push(place);
    if (this.#returned.size > MAX_RETURNED) {
      this.#position = this.#returned.peek() ?? FIRST_PLACE;
      this.#returned.clear();
    }
  }

  /** Forgets what was read of the file, since that may be wrong. */
  reread(count: number): void {
    this.count = count;
    this.#position = FIRST_PLACE;
    this.#returned.clear();
  }

  /** Lets the deliveries wait again whose locks have run out at `now`. */
  expireLocks(now: EpochMs): void {
    for (const { delivery } of this.locks.expire(now)) this.noteWaiting(delivery.place);
  }

  /** Locks what is due; see the port. */
  receive(
    file: DataFile,
    { max, maxBytes = Number.POSITIVE_INFINITY, lockMs, now }: Parameters<DeliveryQueue["receive"]>[1],
  ): LockedDelivery[] {
    const received: LockedDelivery[] = [];
    if (max <= 0) return received;
    this.expireLocks(now);
    let bytes = 0;
    for (const { place, value } of this.#waiting(file)) {
      if (place.dueAt > now) break;
      const read = this.#read(file, place, value);
      if (read === undefined) continue;
      const { delivery, event } = read;
      bytes += event.json.length;
      if (received.length > 0 && bytes > maxBytes) break;
      const lock = this.locks.take(place.sequence, { place, delivery }, now + lockMs);
      received.push({ ...delivery, event, lockToken: lock.token, lockedUntil: lock.until });
      if (received.length === max) break;
    }
    return received;
  }

  /** See the port. */
  nextDueAt(file: DataFile): EpochMs | undefined {
    const lockEnd = this.locks.earliestEnd();
    for (const { place } of this.#waiting(file)) return Math.min(place.dueAt, lockEnd ?? place.dueAt);
    return lockEnd;
  }

  /** A delivery and its event; one that cannot be read is told of, and left alone from then on. */
  #read(
    file: DataFile,
    place: Place,
    value: Uint8Array,
  ): { readonly delivery: StoredDelivery; readonly event: EventEnvelope } | undefined {
    try {
      const delivery = decodeDelivery(value);
      return { delivery, event: readEvent(file, delivery) };
    } catch (thrown) {
      this.#unreadable.add(place.sequence);
      this.#logger.error("delivery_unreadable", {
        queue: this.name,
        sequence: place.sequence,
        error: toError(thrown).message,
        hint: `stop Ringmain and run 'ringmain repair --data ${file.folder}'`,
      });
      return undefined;
    }
  }

  #isTaken({ sequence }: Place): boolean {
    return this.locks.isLocked(sequence) || this.#unreadable.has(sequence);
  }

  /** What waits, in order. Whoever asks for another one must have taken the one before. */
  *#waiting(file: DataFile): Iterable<{ readonly place: Place; readonly value: Uint8Array }> {
    for (let place = this.#returned.peek(); place !== undefined; place = this.#returned.peek()) {
      const value = this.#isTaken(place) ? undefined : file.get("deliveries", this.key(place));
      if (value === undefined) this.#returned.pop();
      else yield { place, value };
    }
    for (const { key, value } of file.range("deliveries", this.key(this.#position), this.key(LAST_PLACE))) {
      const place = placeOf(key);
      if (!this.#isTaken(place)) yield { place, value };
      this.#position = { dueAt: place.dueAt, sequence: place.sequence + 1 };
    }
  }
}

function readEvent(file: DataFile, { event }: StoredDelivery): EventEnvelope {
  if (typeof event !== "number") return decodeEnvelope(event);
  const bytes = file.get("events", numberKey(event, 6));
  if (bytes === undefined) throw new RingmainError("internal", `${file.path} lacks event ${event} of a delivery`);
  return decodeEnvelope(bytes);
}
