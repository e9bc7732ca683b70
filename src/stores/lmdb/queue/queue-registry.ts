import { randomBytes } from "node:crypto";
import { joinPacks } from "../../records/delivery-pack.ts";
import type { QueueName } from "../../../core/delivery.ts";
import type { Logger } from "../../../ports/logger.ts";
import type { Lock } from "../../lock-table.ts";
import type { StoreFile } from "../log/store-file.ts";
import type { Draft } from "./draft.ts";
import { groupPacks } from "./delivery-pack.ts";
import { numberKey, recordKey, textKey } from "../file/keys.ts";
import { decodeQueue, encodeQueue, NOTHING_STORED } from "./queue-record.ts";
import { QueueState, type HeldDelivery, type QueueStateOptions } from "./queue-state.ts";
import { AheadBudget } from "./ahead-list.ts";
import { SharedEvents } from "./shared-events.ts";

/** Key in `meta` of the first sequence number that is not reserved. */
export const SEQUENCE_KEY: Buffer = Buffer.from("sequence");
/** Sequence numbers are reserved on disk in blocks of this size. The next process skips the unused part of a block. */
const SEQUENCE_BLOCK = 65_536;
/** Maximum bytes of waiting deliveries that all queues together keep in memory. */
const AHEAD_BYTES = 2 ** 24;

/** The queues by name, their records on disk, and the sequence numbers. */
export class QueueRegistry {
  readonly #file: StoreFile;
  readonly #queues = new Map<QueueName, QueueState>();
  readonly #options: QueueStateOptions;
  #nextId = 1;
  #size = 0;
  #leaving = 0;
  #nextSequence: number;
  /** Numbers below this one are reserved on disk. */
  #reservedSequence: number;

  /** Reads the queues but not their deliveries, so that a large store opens as fast as an empty one. */
  constructor(file: StoreFile, logger: Logger) {
    this.#file = file;
    const budget = new AheadBudget(AHEAD_BYTES);
    const tokenPrefix = randomBytes(6).toString("hex");
    this.#options = { file, tokenPrefix, logger, budget, sharedEvents: new SharedEvents(file) };
    this.#nextSequence = file.get("meta", SEQUENCE_KEY)?.readUIntBE(0, 6) ?? 1;
    this.#reservedSequence = this.#nextSequence;
    for (const { key, value } of file.range("queues", Buffer.alloc(1))) {
      const stored = decodeQueue(value);
      const { id, count } = stored;
      const name = key.toString("utf8") as QueueName;
      this.#queues.set(name, new QueueState(name, stored, this.#options));
      this.#nextId = Math.max(this.#nextId, id + 1);
      this.#size += count;
    }
    for (const id of this.removedIds()) this.#nextId = Math.max(this.#nextId, id + 1);
  }

  get(name: QueueName): QueueState | undefined {
    return this.#queues.get(name);
  }

  /** Number of deliveries in all queues. */
  get size(): number {
    return this.#size - this.#leaving;
  }

  /** Marks the deliveries of locks as ended. They are still on disk. */
  leave(queue: QueueState, locks: readonly Lock<HeldDelivery>[]): void {
    for (const lock of locks) {
      queue.locks.leave(lock);
      queue.leavingBytes += lock.delivery.bytes;
    }
    this.#leaving += locks.length;
  }

  /** Removes the locks of deliveries that have been deleted from the disk. */
  left(queue: QueueState, locks: readonly Lock<HeldDelivery>[]): void {
    for (const lock of locks) {
      queue.locks.end(lock);
      queue.leavingBytes -= lock.delivery.bytes;
    }
    this.#leaving -= locks.length;
  }

  all(): Iterable<QueueState> {
    return this.#queues.values();
  }

  /** Returns the queue with a name. Creates it if necessary. */
  obtain(name: QueueName): QueueState {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new QueueState(name, { id: this.#nextId, count: 0, bytes: 0 }, this.#options);
      this.#nextId += 1;
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** Returns the ids of removed queues whose deliveries have not all been deleted. */
  removedIds(): number[] {
    return Array.from(this.#file.range("removed", Buffer.alloc(1)), ({ key }) => key.readUInt32BE(0));
  }

  /** Removes a queue's name. Its deliveries remain until they are deleted by {@link RemovedQueues}. */
  draftRemoval(draft: Draft, queue: QueueState): void {
    queue.removed = true;
    this.#queues.delete(queue.name);
    this.#size -= queue.count;
    draft.remove("queues", textKey(queue.name));
    draft.put("removed", numberKey(queue.id, 4), Buffer.alloc(1));
  }

  /** Undoes a removal that was not written. */
  undoRemoval(queue: QueueState): void {
    queue.removed = false;
    this.#queues.set(queue.name, queue);
    this.#size += queue.count;
  }

  /** Assigns consecutive sequence numbers. Returns the first. */
  nextSequence(draft: Draft, count = 1): number {
    const sequence = this.#nextSequence;
    this.#nextSequence += count;
    if (this.#nextSequence > (draft.reservedSequence ?? this.#reservedSequence)) {
      draft.reservedSequence = this.#nextSequence + SEQUENCE_BLOCK;
    }
    return sequence;
  }

  /** Adds the writes that a transaction needs once. */
  finish(draft: Draft): void {
    draft.finish();
    for (const [queue, { packs, dueAt }] of draft.arrivals) {
      for (const group of groupPacks(packs)) {
        const { size, bytes: record } = joinPacks(group);
        const place = { dueAt, sequence: this.nextSequence(draft, size), size };
        draft.add("deliveries", recordKey(queue.id, place), record);
        draft.arrived.push({ queue, place, record });
      }
    }
    for (const [queue, { deliveries, bytes }] of draft.changes) {
      if (queue.removed) continue;
      const after = { id: queue.id, count: queue.count + deliveries, bytes: queue.bytes + bytes };
      draft.put("queues", textKey(queue.name), encodeQueue(after));
    }
    if (draft.reservedSequence !== undefined) draft.put("meta", SEQUENCE_KEY, numberKey(draft.reservedSequence, 6));
  }

  /** Applies a draft that is on disk. */
  applied(draft: Draft): void {
    for (const arrived of draft.arrived) arrived.queue.waiting.addRecord(arrived);
    for (const [queue, { deliveries, bytes }] of draft.changes) {
      queue.count += deliveries;
      queue.bytes += bytes;
      if (!queue.removed) this.#size += deliveries;
    }
    this.#reservedSequence = draft.reservedSequence ?? this.#reservedSequence;
  }

  /** Resets the state to that of the file. */
  reread(): void {
    for (const queue of this.#queues.values()) {
      const stored = this.#file.get("queues", textKey(queue.name));
      const { count, bytes } = stored === undefined ? NOTHING_STORED : decodeQueue(stored);
      this.#size += count - queue.count;
      queue.reread(count, bytes);
    }
  }
}
