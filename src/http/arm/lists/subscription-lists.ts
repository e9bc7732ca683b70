import { topicTypeOfSource, type ArmPath } from "../../../resource-manager/arm-id.ts";
import { normalLocation } from "../../../resource-manager/body/envelope.ts";
import type { EventSubscriptionResource } from "../../../core/resources/resources.ts";
import { requireGroup } from "../target.ts";
import type { ArmAnswer, ArmCall } from "../arm-call.ts";
import { listPage, type Listed } from "./list-page.ts";
import { showOwn } from "../show.ts";

/** Location of resources without a chosen region: they are listed in every region. */
const LOCAL = "local";
const GLOBAL = "global";

/** The region and topic type whose event subscriptions a call lists. */
interface Wanted {
  readonly location: string;
  readonly topicType: string | undefined;
}

/**
 * Lists the event subscriptions of a resource group or Azure subscription, in one region or globally, for one topic
 * type or all; returns `undefined` for a path of another form. Source: [ARM-SUBSCRIPTION-LISTS]
 */
export function subscriptionList(call: ArmCall): Promise<ArmAnswer> | undefined {
  const wanted = wantedOf(call.path);
  if (wanted === undefined || call.method !== "GET") return undefined;
  const { directory } = call.engine;
  requireGroup(call.path, directory);
  const listed = (each: EventSubscriptionResource): Listed | undefined => {
    if (!isWanted(wanted, each)) return undefined;
    return { id: each.id, fields: { name: each.name }, read: () => showOwn(call, each) };
  };
  // An event subscription's id begins with the id of its source.
  return listPage(call, directory.below(call.path.scope, "Microsoft.EventGrid/eventSubscriptions"), listed);
}

function wantedOf({ namespace, types, names, subscriptionId, scope }: ArmPath): Wanted | undefined {
  const [location, topicType] = names;
  // The event subscriptions of one resource are listed as that resource's collection.
  if (namespace !== "Microsoft.EventGrid" || subscriptionId === undefined || scope.includes("/providers/")) {
    return undefined;
  }
  switch (types.join("/")) {
    case "eventSubscriptions":
      return names.length === 0 ? { location: GLOBAL, topicType: undefined } : undefined;
    case "topicTypes/eventSubscriptions":
      return { location: GLOBAL, topicType: names[0] };
    case "locations/eventSubscriptions":
      return { location: location ?? "", topicType: undefined };
    case "locations/topicTypes/eventSubscriptions":
      return { location: location ?? "", topicType };
    default:
      return undefined;
  }
}

function isWanted({ location, topicType }: Wanted, { location: at, properties }: EventSubscriptionResource): boolean {
  const here = normalLocation(at);
  if (here !== LOCAL && here !== normalLocation(location)) return false;
  return topicType === undefined || topicTypeOfSource(properties.topic).toLowerCase() === topicType.toLowerCase();
}
