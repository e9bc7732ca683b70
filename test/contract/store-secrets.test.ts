import { rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { openLmdbStore } from "../../src/stores/lmdb/open-lmdb-store.ts";
import { repairLmdbStore } from "../../src/stores/lmdb/repair/repair-lmdb-store.ts";
import { restoreLmdbStore } from "../../src/stores/lmdb/repair/restore-lmdb-store.ts";
import { emptyFolder, openLmdb, openMemory } from "./store-openers.ts";
import { storeSecretsContract } from "./store-secrets-contract.ts";

storeSecretsContract("memory", openMemory);
storeSecretsContract("lmdb", openLmdb);

describe("lmdb: the files of secrets", () => {
  const folders: string[] = [];
  afterEach(() => Promise.all(folders.splice(0).map((path) => rm(path, { recursive: true }))));

  async function folder(): Promise<string> {
    const path = await emptyFolder();
    folders.push(path);
    return path;
  }

  /** Opens the store in a folder and returns its secret, which is `initial` if there was none. */
  async function secretIn(path: string, initial: string): Promise<string> {
    const store = await openLmdbStore({ path });
    try {
      return await store.secrets.obtain("token-key.production", async () => initial);
    } finally {
      await store.close();
    }
  }

  it("are readable only by their owner", async () => {
    const path = await folder();
    await secretIn(path, "one");
    expect((await stat(join(path, "secrets"))).mode & 0o777).toBe(0o700);
    expect((await stat(join(path, "secrets", "token-key.production"))).mode & 0o777).toBe(0o600);
  });

  it("are kept when a data file is repaired, and are in no backup", async () => {
    const [path, restored] = [await folder(), await folder()];
    const backup = join(path, "backup.mdb");
    await secretIn(path, "one");
    const store = await openLmdbStore({ path });
    await store.backup?.(backup);
    await store.close();
    await repairLmdbStore({ path, label: "test" });
    await restoreLmdbStore({ backup, path: restored });
    expect(await secretIn(path, "two")).toBe("one");
    expect(await secretIn(restored, "two")).toBe("two");
  });
});
