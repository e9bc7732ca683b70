import type { DeliveryPack } from "../../records/delivery-pack.ts";
import type { EpochMs } from "../../../core/time.ts";
import type { TableWrite } from "../file/data-file.ts";
import { DeliveryBits } from "./delivery-pack.ts";
import type { StoreFile } from "../log/store-file.ts";
import { numberKey, recordKey, type DeliveryPlace } from "../file/keys.ts";
import type { QueueState } from "./queue-state.ts";
import type { TableName } from "../file/tables.ts";
import type { StoredRecord } from "./ahead-list.ts";

/** Deliveries that arrive in a queue with a draft. */
export interface Arrivals {
  readonly packs: DeliveryPack[];
  dueAt: EpochMs;
}

/** By how much a draft changes what a queue holds. */
export interface QueueChange {
  deliveries: number;
  /** Bytes of event JSON. */
  bytes: number;
}

/** Deliveries of a draft as they are written, and their queue. */
export interface ArrivedRecord extends StoredRecord {
  readonly queue: QueueState;
}

/** What a draft says of a pack of which deliveries end. */
interface EndingPack {
  readonly key: Buffer;
  readonly ended: DeliveryBits;
  /** Some had ended before. */
  readonly isStored: boolean;
}

/** The writes of one transaction while they are gathered. */
export class Draft {
  readonly writes: TableWrite[] = [];
  bytes = 0;
  /** By how much each queue changes. */
  readonly changes: Map<QueueState, QueueChange> = new Map();
  /** What arrives in each queue: numbered and written when all has been gathered. */
  readonly arrivals: Map<QueueState, Arrivals> = new Map();
  /** What has been made of the arrivals. */
  readonly arrived: ArrivedRecord[] = [];
  /** The sequence numbers reserved by this draft, when it reserves any: all below this one. */
  reservedSequence: number | undefined;
  readonly #file: StoreFile;
  /** How many deliveries will share an event, where this draft changes it. */
  readonly #sharing = new Map<number, number>();
  /** By the sequence number of a pack's first delivery. */
  readonly #packs = new Map<number, EndingPack>();

  constructor(file: StoreFile) {
    this.#file = file;
  }

  /** How many writes there are, with those that are added last. */
  get size(): number {
    return this.writes.length + 2 * (this.#packs.size + this.#sharing.size);
  }

  put(table: TableName, key: Buffer, value: Buffer): void {
    this.writes.push({ table, key, value });
    this.bytes += value.length;
  }

  /** The same, of a key that was never used before. */
  add(table: TableName, key: Buffer, value: Buffer): void {
    this.writes.push({ table, key, value, isNew: true });
    this.bytes += value.length;
  }

  remove(table: TableName, key: Buffer): void {
    this.writes.push({ table, key, value: undefined });
  }

  /** The number of deliveries in a queue changes, and the bytes of their events. */
  count(queue: QueueState, deliveries: number, bytes: number): void {
    const change = this.changes.get(queue);
    if (change === undefined) this.changes.set(queue, { deliveries, bytes });
    else {
      change.deliveries += deliveries;
      change.bytes += bytes;
    }
  }

  /** Deliveries arrive in a queue, due at once, with so many bytes of event JSON. */
  arrive(queue: QueueState, pack: DeliveryPack, now: EpochMs, eventBytes: number): void {
    let arrivals = this.arrivals.get(queue);
    if (arrivals === undefined) this.arrivals.set(queue, (arrivals = { packs: [], dueAt: now }));
    arrivals.packs.push(pack);
    // One due time for all that are packed together: the earliest, so that nobody waits should the clock have jumped.
    arrivals.dueAt = Math.min(arrivals.dueAt, now);
    this.bytes += pack.bytes.length;
    this.count(queue, pack.size, eventBytes);
  }

  /** A delivery is not to stay where it is. */
  end(queue: QueueState, { sequence, record }: DeliveryPlace): void {
    if (record.size === 1) this.remove("deliveries", queue.key(record));
    else this.#endingPack(queue, record).ended.add(sequence - record.sequence);
  }

  /** Keeps an event apart from its deliveries. */
  addEvent(number: number, event: Buffer, deliveries: number): void {
    const key = numberKey(number, 6);
    this.add("events", key, event);
    if (deliveries > 1) this.add("sharing", key, numberKey(deliveries, 4));
  }

  /** One delivery of an event that is kept apart is gone; the event goes with the last one. */
  dropEvent(number: number): void {
    const left = this.#sharing.get(number) ?? this.#file.get("sharing", numberKey(number, 6))?.readUInt32BE(0) ?? 1;
    this.#sharing.set(number, left - 1);
  }

  /** Adds what has come of everything together; the last thing to be done. */
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
