import type { DeliveryPack } from "../../records/delivery-pack.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { TableWrite } from "../file/data-file.ts";
import { DeliveryBits } from "./delivery-pack.ts";
import type { StoreFile } from "../log/store-file.ts";
import { numberKey, recordKey, type DeliveryPlace } from "../file/keys.ts";
import type { QueueState } from "./queue-state.ts";
import type { TableName } from "../file/tables.ts";
import type { StoredRecord } from "./ahead-list.ts";

/** Deliveries that a draft adds to a queue. */
export interface Arrivals {
  readonly packs: DeliveryPack[];
  dueAt: EpochMs;
}

/** Change of a queue's contents by a draft. */
export interface QueueChange {
  deliveries: number;
  /** Bytes of event JSON. */
  bytes: number;
}

/** A record of new deliveries, and their queue. */
export interface ArrivedRecord extends StoredRecord {
  readonly queue: QueueState;
}

/** A pack of which deliveries end with a draft. */
interface EndingPack {
  readonly key: Buffer;
  readonly ended: DeliveryBits;
  /** Whether the file has bits of deliveries that ended before. */
  readonly isStored: boolean;
}

/** The writes of one transaction while they are collected. */
export class Draft {
  readonly writes: TableWrite[] = [];
  bytes = 0;
  /** Change of each queue's contents. */
  readonly changes: Map<QueueState, QueueChange> = new Map();
  /** New deliveries of each queue. They are numbered and written when the draft is complete. */
  readonly arrivals: Map<QueueState, Arrivals> = new Map();
  /** Records of the new deliveries. */
  readonly arrived: ArrivedRecord[] = [];
  /** First sequence number that is not reserved after this draft, if it reserves any. */
  reservedSequence: number | undefined;
  readonly #file: StoreFile;
  /** New number of deliveries of each shared event that this draft changes. */
  readonly #sharing = new Map<number, number>();
  /** Packs by the sequence number of their first delivery. */
  readonly #packs = new Map<number, EndingPack>();

  constructor(file: StoreFile) {
    this.#file = file;
  }

  /** Number of writes, including those that {@link finish} adds. */
  get size(): number {
    return this.writes.length + 2 * (this.#packs.size + this.#sharing.size);
  }

  put(table: TableName, key: Buffer, value: Buffer): void {
    this.writes.push({ table, key, value });
    this.bytes += value.length;
  }

  /** Adds an entry with a key that was never used before. */
  add(table: TableName, key: Buffer, value: Buffer): void {
    this.writes.push({ table, key, value, isNew: true });
    this.bytes += value.length;
  }

  remove(table: TableName, key: Buffer): void {
    this.writes.push({ table, key, value: undefined });
  }

  /** Changes the number of deliveries in a queue, and the bytes of their events. */
  count(queue: QueueState, deliveries: number, bytes: number): void {
    const change = this.changes.get(queue);
    if (change === undefined) this.changes.set(queue, { deliveries, bytes });
    else {
      change.deliveries += deliveries;
      change.bytes += bytes;
    }
  }

  /** Adds deliveries that are due now to a queue. `eventBytes` are the bytes of their event JSON. */
  arrive(queue: QueueState, pack: DeliveryPack, now: EpochMs, eventBytes: number): void {
    let arrivals = this.arrivals.get(queue);
    if (arrivals === undefined) this.arrivals.set(queue, (arrivals = { packs: [], dueAt: now }));
    arrivals.packs.push(pack);
    // Deliveries that are packed together have the earliest of their due times, so that none is delayed if the clock
    // was changed.
    arrivals.dueAt = Math.min(arrivals.dueAt, now);
    this.bytes += pack.bytes.length;
    this.count(queue, pack.size, eventBytes);
  }

  /** Removes a delivery from its place. */
  end(queue: QueueState, { sequence, record }: DeliveryPlace): void {
    if (record.size === 1) this.remove("deliveries", queue.key(record));
    else this.#endingPack(queue, record).ended.add(sequence - record.sequence);
  }

  /** Stores an event separately from its deliveries. */
  addEvent(number: number, event: Buffer, deliveries: number): void {
    const key = numberKey(number, 6);
    this.add("events", key, event);
    if (deliveries > 1) this.add("sharing", key, numberKey(deliveries, 4));
  }

  /** Removes one delivery's reference to a separately stored event. The event is deleted with its last delivery. */
  dropEvent(number: number): void {
    const left = this.#sharing.get(number) ?? this.#file.get("sharing", numberKey(number, 6))?.readUInt32BE(0) ?? 1;
    this.#sharing.set(number, left - 1);
  }

  /** Adds the writes that result from all changes together. Must be called last. */
  finish(): void {
    for (const [number, left] of this.#sharing) {
      const key = numberKey(number, 6);
      if (left > 1) this.put("sharing", key, numberKey(left, 4));
      else this.remove("sharing", key);
      if (left === 0) this.remove("events", key);
    }
    for (const { key, ended, isStored } of this.#packs.values()) {
      if (ended.left === 0) {
        this.remove("deliveries", key);
        if (isStored) this.remove("ended", key);
      } else if (isStored) this.put("ended", key, ended.bytes);
      else this.add("ended", key, ended.bytes);
    }
  }

  #endingPack(queue: QueueState, record: DeliveryPlace["record"]): EndingPack {
    const drafted = this.#packs.get(record.sequence);
    if (drafted !== undefined) return drafted;
    const key = recordKey(queue.id, record);
    const stored = this.#file.get("ended", key);
    const pack = { key, ended: new DeliveryBits(record.size, stored), isStored: stored !== undefined };
    this.#packs.set(record.sequence, pack);
    return pack;
  }
}
