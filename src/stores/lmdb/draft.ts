import type { Write } from "./data-file.ts";
import type { StoreFile } from "./store-file.ts";
import { numberKey } from "./keys.ts";
import type { QueueState } from "./queue-state.ts";
import type { TableName } from "./tables.ts";

/** The writes of one transaction while they are gathered. */
export class Draft {
  readonly writes: Write[] = [];
  bytes = 0;
  /** By how much the number of deliveries of each queue changes. */
  readonly counts: Map<QueueState, number> = new Map();
  /** The sequence numbers reserved by this draft, when it reserves any: all below this one. */
  reservedSequence: number | undefined;
  readonly #file: StoreFile;
  /** How many deliveries will share an event, where this draft changes it. */
  readonly #sharing = new Map<number, number>();

  constructor(file: StoreFile) {
    this.#file = file;
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

  count(queue: QueueState, change: number): void {
    this.counts.set(queue, (this.counts.get(queue) ?? 0) + change);
  }

  /** Keeps an event apart from its deliveries. */
  addEvent(number: number, event: Buffer, deliveries: number): void {
    const key = numberKey(number, 6);
    this.add("events", key, event);
    if (deliveries > 1) this.add("sharing", key, numberKey(deliveries, 4));
  }

  /** One delivery of an event that is kept apart is gone; the event goes with the last one. */
  dropEvent(number: number): void {
    const key = numberKey(number, 6);
    const left = (this.#sharing.get(number) ?? this.#file.get("sharing", key)?.readUInt32BE(0) ?? 1) - 1;
    this.#sharing.set(number, left);
    if (left > 1) this.put("sharing", key, numberKey(left, 4));
    else this.remove("sharing", key);
    if (left === 0) this.remove("events", key);
  }
}
