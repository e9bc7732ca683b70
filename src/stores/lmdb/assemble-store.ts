import { SILENT_LOGGER, type Logger } from "../../ports/logger.ts";
import type { Store } from "../../ports/store.ts";
import type { FolderWatch } from "./file/folder-watch.ts";
import type { StoreFile } from "./log/store-file.ts";
import { GroupCommit } from "./log/group-commit.ts";
import { Draft } from "./queue/draft.ts";
import { LmdbDeliveryQueue } from "./queue/lmdb-delivery-queue.ts";
import { LmdbResourceStore } from "./lmdb-resource-store.ts";
import { FileSecrets } from "./file-secrets.ts";
import { QueueRegistry } from "./queue/queue-registry.ts";
import { RemovedQueues } from "./queue/removed-queues.ts";

/** Options for {@link assembleStore}. */
export interface AssembleOptions {
  readonly logger?: Logger | undefined;
  /** Makes the store fail when its files are lost. */
  readonly watch?: FolderWatch | undefined;
}

/** Creates a store over an open file. Closing the store closes the file, and then calls `release`. */
export function assembleStore(file: StoreFile, release: () => Promise<void>, options: AssembleOptions = {}): Store {
  const { logger = SILENT_LOGGER, watch } = options;
  const registry = new QueueRegistry(file, logger);
  const commits = new GroupCommit(file, {
    begin: () => new Draft(file),
    finish: (draft) => registry.finish(draft),
    applied: (draft) => registry.applied(draft),
    failed: () => registry.reread(),
  });
  const removedQueues = new RemovedQueues(file, commits);
  for (const id of registry.removedIds()) removedQueues.clear(id);
  let closed: Promise<void> | undefined;
  const failed = watch?.lost.then((reason) => {
    file.fail(reason);
    return reason;
  });
  async function close(): Promise<void> {
    watch?.stop();
    await removedQueues.stop();
    await commits.close();
    await file.close();
    await release();
  }
  return {
    queue: new LmdbDeliveryQueue({ file, commits, registry, removedQueues }),
    resources: new LmdbResourceStore(file, commits),
    secrets: new FileSecrets(file.folder),
    backup: async (target) => {
      // Writes the pending acknowledgements first, so that the copy does not contain their deliveries.
      await commits.write({ draft: () => {} });
      await file.copyTo(target);
    },
    ...(failed !== undefined && { failed }),
    close: () => (closed ??= close()),
  };
}
