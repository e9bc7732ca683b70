import { kindOf } from "../../../core/kinds/index.ts";
import { resourceKey } from "../../../core/resources/resource-id.ts";
import type { DesiredResource, Resource } from "../../../core/resources/resources.ts";
import type { ArmCall } from "../arm-call.ts";
import { subscriptionOperation } from "../target.ts";
import { requireGrant } from "./management-access.ts";

/**
 * Throws `forbidden` if a write would give a resource the events of a source to which the caller may not subscribe. The
 * path of a system topic says nothing about its source. Source: [ARM-AUTH-SOURCE]
 */
export function requireSourceWrite({ caller }: ArmCall, desired: DesiredResource): void {
  const source = kindOf(desired).eventSource(desired);
  // The rules refuse a source that is no id.
  if (isWithin(source, desired.id) || !source.startsWith("/")) return;
  requireGrant(caller.manager, subscriptionOperation("write", source));
}

/**
 * Throws `forbidden` if event subscriptions of a source elsewhere would be deleted with a resource or with the content
 * of a group, and the caller may not delete them. Source: [ARM-AUTH-SOURCE]
 */
export function requireSourceDelete({ caller, engine }: ArmCall, stored: Resource): void {
  const { directory } = engine;
  const isGroup = kindOf(stored).placement.kind === "subscription";
  for (const each of isGroup ? directory.below(stored.id, "Microsoft.EventGrid/systemTopics") : [stored]) {
    const source = kindOf(each).eventSource(each);
    if (isWithin(source, stored.id) || directory.subscriptionCountOf(source) === 0) continue;
    // The event subscriptions stay with another system topic of the source.
    if (directory.systemTopicsOf(source).some(({ id }) => !isWithin(id, stored.id))) continue;
    requireGrant(caller.manager, subscriptionOperation("delete", source));
  }
}

/** Returns whether an id is that of a resource or of something below it. */
function isWithin(id: string, resourceId: string): boolean {
  return `${resourceKey(id)}/`.startsWith(`${resourceKey(resourceId)}/`);
}
