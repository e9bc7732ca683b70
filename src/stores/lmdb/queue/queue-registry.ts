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

/** Where the first sequence number that is not reserved stands in `meta`. */
export const SEQUENCE_KEY: Buffer = Buffer.from("sequence");
/** Sequence numbers are reserved on disk in blocks; what a process leaves of its block is skipped by the next one. */
const SEQUENCE_BLOCK = 65_536;
/** What all queues together keep in memory of what waits. */
const AHEAD_BYTES = 2 ** 24;

/** The queues by name, the numbers given out, and their record on disk. */
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

  /** Reads the queues, not what they hold: takes as long for a full store as for an empty one. */
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

  /** Deliveries in all queues. */
  get size(): number {
    return this.#size - this.#leaving;
  }

  /** Deliveries have ended that are still on disk. */
  leave(queue: QueueState, locks: readonly Lock<HeldDelivery>[]): void {
    for (const lock of locks) {
      queue.locks.leave(lock);
      queue.leavingBytes += lock.delivery.bytes;
    }
    this.#leaving += locks.length;
  }

  /** They are on disk no more. */
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

  /** The queue of that name, made when there is none. */
  obtain(name: QueueName): QueueState {
    let queue = this.#queues.get(name);
    if (queue === undefined) {
      queue = new QueueState(name, { id: this.#nextId, count: 0, bytes: 0 }, this.#options);
      this.#nextId += 1;
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /** The numbers of queues that were removed but are not gone yet. */
  removedIds(): number[] {
    return Array.from(this.#file.range("removed", Buffer.alloc(1)), ({ key }) => key.readUInt32BE(0));
  }

  /** Cuts a queue off from its name; what it holds is still there. */
  draftRemoval(draft: Draft, queue: QueueState): void {
    queue.removed = true;
    this.#queues.delete(queue.name);
    this.#size -= queue.count;
    draft.remove("queues", textKey(queue.name));
    draft.put("removed", numberKey(queue.id, 4), Buffer.alloc(1));
  }

  /** The removal was not written. */
  undoRemoval(queue: QueueState): void {
    queue.removed = false;
    this.#queues.set(queue.name, queue);
    this.#size += queue.count;
  }

  /** Gives out sequence numbers that follow one another; answers the first. */
  nextSequence(draft: Draft, count = 1): number {
    const sequence = this.#nextSequence;
    this.#nextSequence += count;
    if (this.#nextSequence > (draft.reservedSequence ?? this.#reservedSequence)) {
      draft.reservedSequence = this.#nextSequence + SEQUENCE_BLOCK;
    }
    return sequence;
  }

  /** Adds what is written once a transaction. */
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

  /** The draft is on disk. */
  applied(draft: Draft): void {
    for (const arrived of draft.arrived) arrived.queue.waiting.addRecord(arrived);
    for (const [queue, { deliveries, bytes }] of draft.changes) {
      queue.count += deliveries;
      queue.bytes += bytes;
      if (!queue.removed) this.#size += deliveries;
    }
    this.#reservedSequence = draft.reservedSequence ?? this.#reservedSequence;
  }

  /** Goes back to what the file says. */
  reread(): void {
    for (const queue of this.#queues.values()) {
      const stored = this.#file.get("queues", textKey(queue.name));
      const { count, bytes } = stored === undefined ? NOTHING_STORED : decodeQueue(stored);
      this.#size += count - queue.count;
      queue.reread(count, bytes);
    }
  }
}
