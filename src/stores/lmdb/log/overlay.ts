import type { TableWrite } from "../file/data-file.ts";
import { TABLES, type TableName } from "../file/tables.ts";
import type { RangeEntry } from "./merge-ranges.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** What an overlay says of a key; without a value, that it is gone. */
export interface OverlaidEntry {
  readonly table: TableName;
  /** The key as text, a character a byte: compares as the bytes do. */
  readonly name: string;
  readonly value: Buffer | undefined;
}

/** What an entry is taken to need beside its value. */
const ENTRY_BYTES = 64;

/** The latest writes to one table. Thousands are held for seconds: as few objects as possible for each. */
class OverlaidTable {
  /** Keys that were never used before, which are nearly all. */
  readonly #fresh = new Map<string, Buffer>();
  readonly #others = new Map<string, Buffer | undefined>();
  readonly #keys = new SortedKeys();
  /** Of all values. */
  bytes = 0;
  /** The length of the longest value that was ever in it. */
  longest = 0;

  apply(name: string, { value, isNew }: TableWrite): void {
    if (value === undefined) {
      const fresh = this.#fresh.get(name);
      if (fresh !== undefined) {
        // It came into being here and ends here: it never was.
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

/** What is in the log and not in the data file yet: the latest write of each key. */
export class Overlay {
  readonly #tables: Readonly<Record<TableName, OverlaidTable>> = Object.fromEntries(
    TABLES.map((name) => [name, new OverlaidTable()]),
  ) as unknown as Record<TableName, OverlaidTable>;

  /** Bytes that its values take in the data file, with their keys. */
  get bytes(): number {
    return TABLES.reduce((sum, name) => sum + this.#tables[name].bytes, 0);
  }

  /** The length of the longest value there was. */
  get longest(): number {
    return TABLES.reduce((longest, name) => Math.max(longest, this.#tables[name].longest), 0);
  }

  /** Adds writes in their order. */
  apply(writes: readonly TableWrite[]): void {
    for (const write of writes) this.#tables[write.table].apply(nameOf(write.key), write);
  }

  /** What is said of a key; `undefined` when nothing is. */
  get(table: TableName, key: Buffer): { readonly value: Buffer | undefined } | undefined {
    const overlaid = this.#tables[table];
    if (overlaid.size === 0) return undefined;
    const name = nameOf(key);
    return overlaid.has(name) ? { value: overlaid.get(name) } : undefined;
  }

  /** Whether anything is said of the key of another overlay's entry. */
  covers({ table, name }: OverlaidEntry): boolean {
    return this.#tables[table].has(name);
  }

  /** What is said of keys from `start` on, up to but without `end`, in order; to be read within one turn. */
  range(table: TableName, start: Buffer, end: Buffer | undefined): Generator<RangeEntry, void, void> {
    return this.#tables[table].range(nameOf(start), end && nameOf(end));
  }

  /** All entries, table by table. Those that were told already may be forgotten meanwhile. */
  *all(): Generator<OverlaidEntry, void, void> {
    for (const table of TABLES) {
      const overlaid = this.#tables[table];
      for (const name of overlaid.names()) yield { table, name, value: overlaid.get(name) };
    }
  }

  /** Forgets what is in the data file now. */
  forget(entries: readonly OverlaidEntry[]): void {
    for (const { table, name } of entries) this.#tables[table].forget(name);
  }
}

/** The write that takes an entry over into the data file. */
export function writeOf({ table, name, value }: OverlaidEntry): TableWrite {
  return { table, key: keyOf(name), value };
}

function nameOf(key: Buffer): string {
  return key.toString("latin1");
}

function keyOf(name: string): Buffer {
  return Buffer.from(name, "latin1");
}
