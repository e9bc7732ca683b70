import type { PublishedEvent } from "../../../src/core/event.ts";
import type { Resource } from "../../../src/core/resources/resources.ts";
import type { EpochMs } from "../../../src/core/time.ts";
import { ResourceDirectory } from "../../../src/engine/directory/resource-directory.ts";
import { MatchingSlice } from "../../../src/engine/routing/matching-slice.ts";
import { Router, type Routing } from "../../../src/engine/routing/router.ts";
import { SILENT_LOGGER, type Logger } from "../../../src/ports/logger.ts";
import { openMemoryStore } from "../../../src/stores/memory/open-memory-store.ts";

/** Returns what routing takes beside the event: a time and a new slice. */
export function routingAt(now: EpochMs = 0): Routing {
  return { now, slice: new MatchingSlice() };
}

/** A router and the directory that it follows. */
export interface RouterUnderTest {
  readonly directory: ResourceDirectory;
  readonly router: Router;
  /** Stores a resource, in place of the one with its id. */
  readonly put: (resource: Resource) => void;
}

/** Creates a router of an empty directory. */
export function startRouter({
  enforceHandshake = false,
  logger,
}: { readonly enforceHandshake?: boolean; readonly logger?: Logger } = {}): RouterUnderTest {
  const directory = new ResourceDirectory(openMemoryStore().resources);
  const router = new Router({ directory, logger: logger ?? SILENT_LOGGER, enforceHandshake });
  let etags = 0;
  const put = (resource: Resource): void =>
    directory.apply({ id: resource.id, after: { resource, etag: String((etags += 1)) } });
  return { directory, router, put };
}

/** Routes an event that takes no longer than a slice. Returns the uids of the subscriptions, sorted. */
export function uidsOf(
  { router }: RouterUnderTest,
  sourceId: string,
  event: PublishedEvent,
  now: EpochMs = 0,
): readonly string[] {
  const queues = router.route(sourceId, event, routingAt(now));
  if (queues instanceof Promise) throw new Error("took longer than a slice");
  return queues.map(String).toSorted();
}
