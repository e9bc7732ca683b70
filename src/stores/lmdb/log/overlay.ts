import type { TableWrite } from "../file/data-file.ts";
import { TABLES, type TableName } from "../file/tables.ts";
import type { RangeEntry } from "./merge-ranges.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** An entry of an overlay. Without a value, the key has been removed. */
export interface OverlaidEntry {
  readonly table: TableName;
  /** The key as text with one character per byte, which has the same order as the bytes. */
  readonly name: string;
  readonly value: Buffer | undefined;
}

/** Estimated bytes of an entry in addition to its value. */
const ENTRY_BYTES = 64;

/** The latest writes to one table. Thousands are kept for seconds, so each uses as few objects as possible. */
class OverlaidTable {
  /** Values of keys that were never used before. Nearly all keys are new. */
  readonly #fresh = new Map<string, Buffer>();
  readonly #others = new Map<string, Buffer | undefined>();
  readonly #keys = new SortedKeys();
  /** Estimated bytes of all values with their keys. */
  bytes = 0;
  /** Length of the longest value that the table has ever contained. */
  longest = 0;

  apply(name: string, { value, isNew }: TableWrite): void {
    if (value === undefined) {
      const fresh = this.#fresh.get(name);
      if (fresh !== undefined) {
        // The key was both added and removed in this overlay, so neither needs to be copied.
        this.#fresh.delete(name);
        this.bytes -= ENTRY_BYTES + fresh.length;
        return;
      }
    } else {
      this.bytes += ENTRY_BYTES + value.length;
      if (value.length > this.longest) this.longest = value.length;
    }
    this.#keys.add(name);
    if (isNew === true && value !== undefined) this.#fresh.set(name, value);
    else this.#applyAgain(name, value);
  }

  #applyAgain(name: string, value: Buffer | undefined): void {
    const fresh = this.#fresh.get(name);
    const before = fresh ?? this.#others.get(name);
    if (before !== undefined) this.bytes -= ENTRY_BYTES + before.length;
    if (fresh !== undefined && value !== undefined) this.#fresh.set(name, value);
    else this.#others.set(name, value);
  }

  get size(): number {
    return this.#fresh.size + this.#others.size;
  }

  has(name: string): boolean {
    return this.#fresh.has(name) || this.#others.has(name);
  }

  get(name: string): Buffer | undefined {
    return this.#fresh.get(name) ?? this.#others.get(name);
  }

  forget(name: string): void {
    const value = this.get(name);
    if (value !== undefined) this.bytes -= ENTRY_BYTES + value.length;
    if (!this.#fresh.delete(name)) this.#others.delete(name);
  }

  *names(): Generator<string, void, void> {
    yield* this.#fresh.keys();
    yield* this.#others.keys();
  }

  *range(start: string, end: string | undefined): Generator<RangeEntry, void, void> {
    for (const name of this.#keys.from(start)) {
      if (end !== undefined && name >= end) return;
      if (this.has(name)) yield { key: keyOf(name), value: this.get(name) };
    }
  }
}

/** The latest write of each key that is in the log and not yet in the data file. */
export class Overlay {
  readonly #tables: Readonly<Record<TableName, OverlaidTable>> = Object.fromEntries(
    TABLES.map((name) => [name, new OverlaidTable()]),
  ) as unknown as Record<TableName, OverlaidTable>;

  /** Estimated bytes of the values and keys in the data file. */
  get bytes(): number {
    return TABLES.reduce((sum, name) => sum + this.#tables[name].bytes, 0);
  }

  /** Length of the longest value that the overlay has ever contained. */
  get longest(): number {
    return TABLES.reduce((longest, name) => Math.max(longest, this.#tables[name].longest), 0);
  }

  /** Applies writes in order. */
  apply(writes: readonly TableWrite[]): void {
    for (const write of writes) this.#tables[write.table].apply(nameOf(write.key), write);
  }

  /** Returns the entry of a key; `undefined` if the overlay has no write for it. */
  get(table: TableName, key: Buffer): { readonly value: Buffer | undefined } | undefined {
    const overlaid = this.#tables[table];
    if (overlaid.size === 0) return undefined;
    const name = nameOf(key);
    return overlaid.has(name) ? { value: overlaid.get(name) } : undefined;
  }

  /** Returns whether this overlay has a write for the key of another overlay's entry. */
  covers({ table, name }: OverlaidEntry): boolean {
    return this.#tables[table].has(name);
  }

  /**
   * Returns the entries from `start` up to, but not including, `end`, in order. The caller must read them within one
   * turn of the event loop.
   */
  range(table: TableName, start: Buffer, end: Buffer | undefined): Generator<RangeEntry, void, void> {
    return this.#tables[table].range(nameOf(start), end && nameOf(end));
  }

  /** Returns all entries, table by table. Entries that were returned may be removed with {@link forget} meanwhile. */
  *all(): Generator<OverlaidEntry, void, void> {
    for (const table of TABLES) {
      const overlaid = this.#tables[table];
      for (const name of overlaid.names()) yield { table, name, value: overlaid.get(name) };
    }
  }

  /** Removes entries that are now in the data file. */
  forget(entries: readonly OverlaidEntry[]): void {
    for (const { table, name } of entries) this.#tables[table].forget(name);
  }
}

/** Returns the write that copies an entry into the data file. */
export function writeOf({ table, name, value }: OverlaidEntry): TableWrite {
  return { table, key: keyOf(name), value };
}

function nameOf(key: Buffer): string {
  return key.toString("latin1");
}

function keyOf(name: string): Buffer {
  return Buffer.from(name, "latin1");
}
