import { decodeEnvelope } from "../../records/stored-envelope.ts";
import { deliveryIn } from "../../records/delivery-pack.ts";
import type { StoredDelivery } from "../../records/stored-delivery.ts";
import type { LockedDelivery, QueueName } from "../../../core/delivery.ts";
import { RingmainError, toError } from "../../../core/errors.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { DeliveryQueue } from "../../../ports/delivery-queue.ts";
import type { Logger } from "../../../ports/logger.ts";
import { LockTable, type Lock } from "../../lock-table.ts";
import type { StoreFile } from "../log/store-file.ts";
import { numberKey, recordKey, type DeliveryPlace, type RecordPlace } from "../file/keys.ts";
import type { AheadBudget, HoldingRecord } from "./ahead-list.ts";
import { WaitingList, type WaitingDelivery } from "./waiting-list.ts";

/** A locked delivery: what is stored, and where. */
export interface HeldDelivery {
  readonly place: DeliveryPlace;
  readonly delivery: StoredDelivery;
}

/** What all queues of a store have in common. */
export interface QueueStateOptions {
  readonly file: StoreFile;
  readonly tokenPrefix: string;
  readonly logger: Logger;
  readonly budget: AheadBudget;
}

/** What is known in memory of one queue: little, whatever it holds. */
export class QueueState {
  readonly name: QueueName;
  /** Stands for the name in keys; never used for another queue while anything of this one is left. */
  readonly id: number;
  readonly locks: LockTable<HeldDelivery>;
  /** What is not locked; due or not. */
  readonly waiting: WaitingList;
  /** Deliveries on disk, locked and leaving ones included. */
  count: number;
  /** The queue has been removed, though not yet all it held. */
  removed = false;
  /** Sequence numbers of deliveries whose bytes make no sense: the file was damaged. */
  readonly #unreadable = new Set<number>();
  readonly #options: QueueStateOptions;

  constructor(name: QueueName, id: number, count: number, options: QueueStateOptions) {
    this.name = name;
    this.id = id;
    this.count = count;
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

  /** Forgets what was read of the file, since that may be wrong. */
  reread(count: number): void {
    this.count = count;
    this.waiting.reread();
  }

  /** Lets the deliveries wait again whose locks have run out at `now`. */
  expireLocks(now: EpochMs): void {
    for (const { delivery } of this.locks.expire(now)) this.waiting.add(delivery.place);
  }

  /** Locks what is due; see the port. */
  receive({
    max,
    maxBytes = Number.POSITIVE_INFINITY,
    lockMs,
    now,
  }: Parameters<DeliveryQueue["receive"]>[1]): LockedDelivery[] {
    const received: LockedDelivery[] = [];
    this.expireLocks(now);
    let bytes = 0;
    while (received.length < max) {
      const next = this.waiting.next(now, max - received.length);
      if (next === undefined) break;
      const { place, delivery, event } = next;
      bytes += event.json.length;
      if (received.length > 0 && bytes > maxBytes) break;
      this.waiting.take(next);
      const lock = this.locks.take(place.sequence, { place, delivery }, now + lockMs);
      received.push(lockedDelivery(delivery, event, lock));
    }
    return received;
  }

  /** See the port. */
  nextDueAt(): EpochMs | undefined {
    const dueAt = this.waiting.nextDueAt();
    const lockEnd = this.locks.earliestEnd();
    return dueAt === undefined || lockEnd === undefined ? (dueAt ?? lockEnd) : Math.min(dueAt, lockEnd);
  }

  /** A delivery and its event; one that cannot be read is told of, and left alone from then on. */
  #read({ place, record }: HoldingRecord): WaitingDelivery | undefined {
    const { file, logger } = this.#options;
    try {
      const pack = { bytes: record, size: place.record.size };
      const delivery = deliveryIn(pack, place.sequence - place.record.sequence);
      return { place, delivery, event: readEvent(file, delivery) };
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
 * One literal for what nearly all are, never attempted: a spread costs several times as much.
 * Measured in docs/hot-path.md.
 */
function lockedDelivery(delivery: StoredDelivery, event: EventEnvelope, lock: Lock<HeldDelivery>): LockedDelivery {
  const { deliveryCount, enqueuedAt } = delivery;
  const locked = { event, deliveryCount, enqueuedAt, lockToken: lock.token, lockedUntil: lock.until };
  return deliveryCount === 0 && delivery.deadLetterReason === undefined ? locked : { ...delivery, ...locked };
}

function readEvent(file: StoreFile, { event }: StoredDelivery): EventEnvelope {
  if (typeof event !== "number") return event;
  const bytes = file.get("events", numberKey(event, 6));
  if (bytes === undefined) throw new RingmainError("internal", `${file.path} lacks event ${event} of a delivery`);
  return decodeEnvelope(bytes);
}
