import type { Write } from "../data-file.ts";
import { TABLES, type TableName } from "../tables.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** Writes to one table, the latest of each key. */
class OverlaidTable {
  readonly writes = new Map<string, Write>();
  readonly #keys = new SortedKeys();

  set(name: string, write: Write): void {
    if (!this.writes.has(name)) this.#keys.add(name);
    this.writes.set(name, write);
  }

  /** The writes to keys from `start` on, in order; to be read within one turn. */
  *range(start: string, end: string | undefined): Generator<Write, void, void> {
    for (const name of this.#keys.from(start)) {
      if (end !== undefined && name >= end) return;
      const write = this.writes.get(name);
      if (write !== undefined) yield write;
    }
  }
}

/** What is in the log and not in the data file yet: the latest write of each key. */
export class Overlay {
  readonly #tables: Readonly<Record<TableName, OverlaidTable>> = Object.fromEntries(
    TABLES.map((name) => [name, new OverlaidTable()]),
  ) as unknown as Record<TableName, OverlaidTable>;

  /** Adds writes in their order. */
  apply(writes: readonly Write[]): void {
    for (const write of writes) {
      const table = this.#tables[write.table];
      const name = nameOf(write.key);
      // What came into being here and ends here never was.
      if (write.value === undefined && table.writes.get(name)?.isNew === true) table.writes.delete(name);
      else table.set(name, write);
    }
  }

  /** The latest write to a key. */
  get(table: TableName, key: Buffer): Write | undefined {
    const { writes } = this.#tables[table];
    return writes.size === 0 ? undefined : writes.get(nameOf(key));
  }

  /** The writes to keys from `start` on, up to but without `end`, in order; to be read within one turn. */
  range(table: TableName, start: Buffer, end: Buffer | undefined): Generator<Write, void, void> {
    return this.#tables[table].range(nameOf(start), end && nameOf(end));
  }

  /** All writes, table by table. Those that were told already may be forgotten meanwhile. */
  *all(): Generator<Write, void, void> {
    for (const name of TABLES) yield* this.#tables[name].writes.values();
  }

  /** Forgets writes that are in the data file now. */
  forget(writes: readonly Write[]): void {
    for (const { table, key } of writes) this.#tables[table].writes.delete(nameOf(key));
  }
}

/** Keys as text, a character a byte: compares as the bytes do. */
function nameOf(key: Buffer): string {
  return key.toString("latin1");
}
