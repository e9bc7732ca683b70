import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { TopicReport } from "./ready-report.ts";

/**
 * Returns the publish address and keys of every topic, sorted by name.
 * @param own addresses of topics that have their own port, by name
 */
export function reportTopics(
  directory: ResourceDirectory,
  http: string,
  own: ReadonlyMap<string, { readonly url: string }>,
  secrets: boolean,
): TopicReport[] {
  const reports: TopicReport[] = [];
  for (const { name, keys } of directory.ofKind("Microsoft.EventGrid/topics")) {
    const ownUrl = own.get(name)?.url;
    const endpoint = ownUrl === undefined ? `${http}/topics/${name}/api/events` : `${ownUrl}/api/events`;
    reports.push(secrets ? { name, endpoint, ...keys } : { name, endpoint });
  }
  return reports.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
