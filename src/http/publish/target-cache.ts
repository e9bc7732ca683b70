import type { PublishTarget } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** Finds topics, domains and partner namespaces by id and by name. */
export type TargetLookup = Pick<ResourceDirectory, "publishTarget" | "publishTargetByName">;

/**
 * Returns a lookup that keeps the latest target found by its name, until a resource changes: publishers send to the same
 * one over and over, and comparing two equal strings costs less than building a key for the directory's index.
 * Measured in docs/hot-path.md.
 */
export function cacheLatestTarget(directory: ResourceDirectory): TargetLookup {
  let latest:
    | {
        readonly type: PublishTarget["type"];
        readonly name: string;
        readonly target: PublishTarget | undefined;
      }
    | undefined;
  directory.onChange(() => {
    latest = undefined;
  });
  return {
    publishTarget: (id) => directory.publishTarget(id),
    publishTargetByName(type, name) {
      if (latest?.name === name && latest.type === type) return latest.target;
      const target = directory.publishTargetByName(type, name);
      latest = { type, name, target };
      return target;
    },
  };
}
