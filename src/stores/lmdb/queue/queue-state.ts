import { deliveryIn } from "../../records/delivery-pack.ts";
import type { StoredDelivery } from "../../records/stored-delivery.ts";
import type { LockedDelivery, PeekedDelivery, QueueName } from "../../../core/delivery.ts";
import { toError } from "../../../core/errors.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { PeekOptions, ReceiveOptions } from "../../../ports/delivery-queue.ts";
import type { Logger } from "../../../ports/logger.ts";
import { LockTable, type Lock } from "../../lock-table.ts";
import type { StoreFile } from "../log/store-file.ts";
import { recordKey, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";
import type { AheadBudget, HoldingRecord } from "./ahead-list.ts";
import { decodePosition, encodePosition } from "../../queue-position.ts";
import type { QueueRecord } from "./queue-record.ts";
import type { SharedEvents } from "./shared-events.ts";
import { storedBehind } from "./stored-behind.ts";
import { WaitingList, type WaitingDelivery } from "./waiting-list.ts";

/** A locked delivery, and its place. */
export interface HeldDelivery {
  readonly place: DeliveryPlace;
  readonly delivery: StoredDelivery;
  /** Bytes of its event's JSON. */
  readonly bytes: number;
}

/** Options that all queues of a store share. */
export interface QueueStateOptions {
  readonly file: StoreFile;
  readonly tokenPrefix: string;
  readonly logger: Logger;
  readonly budget: AheadBudget;
  readonly sharedEvents: SharedEvents;
}

/** The state of one queue in memory. It is small for queues of any size. */
export class QueueState {
  readonly name: QueueName;
  /** Replaces the name in keys. Not used for another queue while any delivery of this one is stored. */
  readonly id: number;
  readonly locks: LockTable<HeldDelivery>;
  /** The deliveries that are not locked, due or not. */
  readonly waiting: WaitingList;
  /** Number of deliveries on disk, including locked and leaving ones. */
  count: number;
  /** Bytes of event JSON of these deliveries. */
  bytes: number;
  /** Bytes of event JSON of deliveries that have ended but are still on disk. */
  leavingBytes = 0;
  /** Set while expired receives are being counted: resolves when their deliveries wait again. Never rejects. */
  counting: Promise<void> | undefined;
  /** Whether the queue has been removed. Some of its deliveries may still be stored. */
  removed = false;
  /** Sequence numbers of deliveries that cannot be read because the file is damaged. */
  readonly #unreadable = new Set<number>();
  readonly #options: QueueStateOptions;

  constructor(name: QueueName, { id, count, bytes }: QueueRecord, options: QueueStateOptions) {
    this.name = name;
    this.id = id;
    this.count = count;
    this.bytes = bytes;
    this.#options = options;
    const { file, budget } = options;
    this.locks = new LockTable(options.tokenPrefix);
    this.waiting = new WaitingList({
      file,
      budget,
      queueId: id,
      empty: count === 0,
      isTaken: (sequence) => this.#isTaken(sequence),
      read: (stored) => this.#read(stored),
    });
  }

  key(record: RecordPlace): Buffer {
    return recordKey(this.id, record);
  }

  /** Discards everything that was read from the file, because it may be outdated. */
  reread(count: number, bytes: number): void {
    this.count = count;
    this.bytes = bytes;
    this.waiting.reread();
  }

  /**
   * Expires the locks that have run out at `now`. Their deliveries wait again, except those of counted receives:
   * returns their locks, so that the receives are counted first.
   */
  expireLocks(now: EpochMs): readonly Lock<HeldDelivery>[] {
    return this.locks.expire(now).filter((lock) => {
      if (!lock.counted) this.waiting.add(lock.delivery.place);
      return lock.counted;
    });
  }

  /** Implements `receive`. The caller must have expired the locks that have run out. */
  receive(options: ReceiveOptions): LockedDelivery[] {
    const { max, maxBytes = Number.POSITIVE_INFINITY, now } = options;
    const received: LockedDelivery[] = [];
    let bytes = 0;
    while (received.length < max) {
      const next = this.waiting.next(now, max - received.length);
      if (next === undefined) break;
      const { place, delivery, event } = next;
      const { length } = event.json;
      bytes += length;
      if (received.length > 0 && bytes > maxBytes) break;
      this.waiting.take(next);
      const lock = this.locks.take(place.sequence, { place, delivery, bytes: length }, options);
      received.push(lockedDelivery(delivery, event, lock));
    }
    return received;
  }

  /** Implements `nextDueAt`. */
  nextDueAt(): EpochMs | undefined {
    const dueAt = this.waiting.nextDueAt();
    const lockEnd = this.locks.earliestEnd();
    return dueAt === undefined || lockEnd === undefined ? (dueAt ?? lockEnd) : Math.min(dueAt, lockEnd);
  }

  /** Implements `peek`. */
  peek({ max, maxBytes = Number.POSITIVE_INFINITY, after }: PeekOptions): PeekedDelivery[] {
    const start = after === undefined ? undefined : decodePosition(after);
    const peeked: PeekedDelivery[] = [];
    if (max <= 0) return peeked;
    let bytes = 0;
    for (const stored of storedBehind(this.#options.file, this.id, start)) {
      const { sequence } = stored.place;
      if (this.locks.isLeaving(sequence)) continue;
      const found = this.#read(stored);
      if (found === undefined) continue;
      bytes += found.event.json.length;
      if (peeked.length > 0 && bytes > maxBytes) break;
      peeked.push(peekedDelivery(found, this.locks.lockedUntil(sequence)));
      if (peeked.length === max) break;
    }
    return peeked;
  }

  /** Reads a delivery and its event. If it cannot be read, logs that once and skips it from then on. */
  #read({ place, record }: HoldingRecord): WaitingDelivery | undefined {
    const { file, logger, sharedEvents } = this.#options;
    if (this.#unreadable.has(place.sequence)) return undefined;
    try {
      const pack = { bytes: record, size: place.record.size };
      const delivery = deliveryIn(pack, place.sequence - place.record.sequence);
      const { event } = delivery;
      return { place, delivery, event: typeof event === "number" ? sharedEvents.get(event) : event };
    } catch (thrown) {
      this.#unreadable.add(place.sequence);
      logger.error("delivery_unreadable", {
        queue: this.name,
        sequence: place.sequence,
        error: toError(thrown).message,
        hint: `stop Ringmain and run 'ringmain repair --data ${file.folder}'`,
      });
      return undefined;
    }
  }

  #isTaken(sequence: number): boolean {
    return this.locks.isLocked(sequence) || this.#unreadable.has(sequence);
  }
}

/**
 * Creates a received delivery. One literal for deliveries without an attempt, which are the majority: a spread costs
 * several times as much. Measured in docs/hot-path.md.
 */
function lockedDelivery(delivery: StoredDelivery, event: EventEnvelope, lock: Lock<HeldDelivery>): LockedDelivery {
  const { deliveryCount, enqueuedAt } = delivery;
  const { token: lockToken, receivedAt, until: lockedUntil } = lock;
  const locked = { event, deliveryCount, enqueuedAt, lockToken, receivedAt, lockedUntil };
  return deliveryCount === 0 && delivery.deadLetterReason === undefined ? locked : { ...delivery, ...locked };
}

function peekedDelivery({ place, delivery, event }: WaitingDelivery, lockedUntil: EpochMs | undefined): PeekedDelivery {
  const { dueAt } = place;
  const position = encodePosition(place);
  return { ...delivery, event, position, dueAt, ...(lockedUntil !== undefined && { lockedUntil }) };
}
