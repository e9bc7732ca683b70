import type { PublishTarget } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { TopicReport } from "./ready-report.ts";

/** First path segment of the short publish address. */
const SEGMENTS = {
  "Microsoft.EventGrid/domains": "domains",
  "Microsoft.EventGrid/partnerNamespaces": "partnerNamespaces",
} as const satisfies Partial<Record<PublishTarget["type"], string>>;

/** Returns the publish address and keys of every domain, or of every partner namespace, sorted by name. */
export function reportEndpoints(
  directory: ResourceDirectory,
  type: keyof typeof SEGMENTS,
  http: string,
  secrets: boolean,
): TopicReport[] {
  const reports: TopicReport[] = [];
  for (const { resource } of directory.all()) {
    if (resource.type !== type) continue;
    const { name, keys } = resource;
    const endpoint = `${http}/${SEGMENTS[type]}/${name}/api/events`;
    reports.push(secrets ? { name, endpoint, ...keys } : { name, endpoint });
  }
  return reports.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
