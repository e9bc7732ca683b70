import { readdir, readFile } from "node:fs/promises";
import { join, normalize } from "node:path";
import { describe, expect, it } from "vitest";

const stores = new URL("../../src/stores/", import.meta.url).pathname;
/** The rooms of each store, from the bottom up: a file may import from its own room and from those below. */
const ROOMS: readonly [string, readonly string[]][] = [
  ["lmdb", ["file", "log", "queue", "repair"]],
  ["nats", ["link", "queue"]],
];

/** Returns the relative imports of a file, types included, as paths in the folder of the stores. */
async function importsOf(path: string): Promise<string[]> {
  const text = await readFile(join(stores, path), "utf8");
  const found = text.matchAll(/(?:from|import) "(\.[^"]+)"/g);
  return Array.from(found, ([, name = ""]) => normalize(join(path, "..", name)));
}

describe.each(ROOMS)("the rooms of the %s store", (store, rooms) => {
  it.each(rooms)("%s imports from no room above it", async (room) => {
    const above = rooms.slice(rooms.indexOf(room) + 1).map((name) => `${join(store, name)}/`);
    const files = await readdir(join(stores, store, room), { recursive: true });
    const sources = files.filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    expect(sources.length).toBeGreaterThan(0);
    for (const file of sources) {
      const path = join(store, room, file);
      const wrong = (await importsOf(path)).filter((name) => above.some((folder) => name.startsWith(folder)));
      expect(wrong, path).toEqual([]);
    }
  });
});
