import { RingmainError } from "../../core/errors.ts";
import { quotaLimits } from "../../core/limits.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { IdSets } from "../directory/id-sets.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";
import { regionKey } from "../directory/resource-relations.ts";

/** What names and room there are in each region. */
export interface RegionCheck {
  /**
   * Takes a place for a resource that is new; throws `conflict` when its name is taken in its region, or the region is
   * full. The place is held until the returned function is called, so that writes at the same time do not share it.
   */
  enter(desired: DesiredResource): () => void;
}

/** What has a host name of its own in its region. */
type Addressed = Extract<
  DesiredResource,
  { readonly type: "Microsoft.EventGrid/topics" | "Microsoft.EventGrid/domains" }
>;

/**
 * @param relaxed with the raised limit on numbers; names are unique all the same, since they are addresses
 * Source: [EG-TOPIC-NAME-TAKEN], [EG-QUOTA-REGION]
 */
export function createRegionCheck(directory: ResourceDirectory, relaxed: boolean): RegionCheck {
  /** Ids on their way into the store, by region and by region and name. */
  const underWay = new IdSets();

  function checkName(desired: Addressed, key: string): void {
    const { id, name, type, location } = desired;
    const region = location.toLowerCase();
    const others = directory
      .publishTargetsByName(type, name)
      .filter((other) => other.location.toLowerCase() === region);
    const ids = [...others.map((other) => other.id), ...underWay.all(key)];
    if (ids.every((other) => resourceKey(other) === resourceKey(id))) return;
    throw new RingmainError(
      "conflict",
      `${KINDS[type]} with the specified name already exists. Choose a different ${KINDS[type].toLowerCase()} name.`,
    );
  }

  function checkRoom(desired: Addressed, key: string): void {
    const limit = quotaLimits(relaxed).topicsPerRegion;
    const making = underWay.all(key).filter((id) => directory.get(id) === undefined);
    if (directory.countInRegion(desired) + making.length < limit) return;
    const kind = KINDS[desired.type].toLowerCase();
    throw new RingmainError(
      "conflict",
      `Quota limit reached: a subscription has at most ${limit} ${kind}s in a region.${relaxed ? "" : " 'limits: relaxed' raises it."}`,
    );
  }

  function enter(desired: DesiredResource): () => void {
    if (!isAddressed(desired)) return () => {};
    const region = regionKey(desired);
    const named = `${desired.type}\n${desired.location.toLowerCase()}\n${desired.name.toLowerCase()}`;
    checkName(desired, named);
    checkRoom(desired, region);
    const keys = [region, named];
    for (const key of keys) underWay.add(key, desired.id);
    return () => {
      for (const key of keys) underWay.delete(key, desired.id);
    };
  }

  return { enter };
}

const KINDS: Readonly<Record<Addressed["type"], string>> = {
  "Microsoft.EventGrid/topics": "Topic",
  "Microsoft.EventGrid/domains": "Domain",
};

function isAddressed(desired: DesiredResource): desired is Addressed {
  return desired.type in KINDS;
}
