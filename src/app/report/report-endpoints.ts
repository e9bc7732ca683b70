import type { PublishTarget } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { TopicReport } from "./ready-report.ts";

/** First segment of the short publish address. */
const SEGMENTS = {
  "Microsoft.EventGrid/domains": "domains",
  "Microsoft.EventGrid/partnerNamespaces": "partnerNamespaces",
} as const satisfies Partial<Record<PublishTarget["type"], string>>;

/** Where each domain, or each partner namespace, is published to, and with which keys. */
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
