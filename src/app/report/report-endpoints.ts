import { RESOURCE_KINDS, type PublishTargetType } from "../../core/kinds/index.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { TopicReport } from "./ready-report.ts";

/** Returns the publish address of each resource of a kind, with its keys if `secrets` is set. Sorted by name. */
export function reportEndpoints(
  directory: ResourceDirectory,
  type: PublishTargetType,
  http: string,
  secrets: boolean,
): TopicReport[] {
  const reports: TopicReport[] = [];
  for (const { name, keys } of directory.ofKind(type)) {
    const endpoint = `${http}/${RESOURCE_KINDS[type].endpoint.segment}/${name}/api/events`;
    reports.push(secrets ? { name, endpoint, ...keys } : { name, endpoint });
  }
  return reports.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
