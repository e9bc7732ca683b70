import { mkdirSync } from "node:fs";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Store } from "../../ports/store.ts";
import { DataFile } from "./data-file.ts";
import { migrate, type Migration } from "./data-format.ts";
import { claimFolder } from "./folder-claim.ts";
import { GroupCommit } from "./group-commit.ts";
import { LmdbDeliveryQueue } from "./lmdb-delivery-queue.ts";
import { LmdbResourceStore } from "./lmdb-resource-store.ts";
import { QueueRegistry } from "./queue-registry.ts";
import { RemovedQueues } from "./removed-queues.ts";

export interface LmdbStoreOptions {
  /** The data folder; made, for its owner alone, when there is none. */
  readonly path: string;
}

/** The first leads from format 1 to format 2; none was needed yet. */
const MIGRATIONS: readonly Migration<DataFile>[] = [];

/**
 * A durable store in a folder of this machine, for one process at a time.
 *
 * What has resolved has been flushed to disk and survives the end of the process and of the machine's power. Locks are
 * kept in memory: after a restart what was locked waits again.
 *
 * Errors: `conflict` when another process uses the folder; `store_unavailable` when it cannot be read or written, or
 * was written by a newer Ringmain.
 */
export async function openLmdbStore({ path }: LmdbStoreOptions): Promise<Store> {
  makeFolder(path);
  const claim = await claimFolder(path);
  try {
    const file = new DataFile(path);
    try {
      await migrate(file, MIGRATIONS);
      return assemble(file, () => claim.release());
    } catch (thrown) {
      await file.close();
      throw thrown;
    }
  } catch (thrown) {
    await claim.release();
    throw thrown;
  }
}

function assemble(file: DataFile, release: () => Promise<void>): Store {
  const registry = new QueueRegistry(file);
  const commits = new GroupCommit(file, {
    finish: (draft) => registry.finish(draft),
    applied: (draft) => registry.applied(draft),
    failed: () => registry.reread(),
  });
  const removedQueues = new RemovedQueues(file, commits);
  for (const id of registry.removedIds()) removedQueues.clear(id);
  let closed: Promise<void> | undefined;
  async function close(): Promise<void> {
    await removedQueues.stop();
    await commits.close();
    await file.close();
    await release();
  }
  return {
    queue: new LmdbDeliveryQueue({ file, commits, registry, removedQueues }),
    resources: new LmdbResourceStore(file, commits),
    close: () => (closed ??= close()),
  };
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (thrown) {
    const reason = toError(thrown).message;
    throw new RingmainError("store_unavailable", `Cannot make the data folder ${path}: ${reason}`, { cause: thrown });
  }
}
