import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { regionKey } from "../../core/kinds/places.ts";
import { quotaLimits } from "../../core/limits.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { IdSets } from "../directory/id-sets.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** What names and room there are in each region. */
export interface RegionCheck {
  /**
   * Takes a place for a resource that is new; throws `conflict` when its name is taken in its region, or the region is
   * full. The place is held until the returned function is called, so that writes at the same time do not share it.
   */
  enter(desired: DesiredResource): () => void;
}

/** A kind with a quota in each region. */
interface Quota {
  readonly noun: string;
  /** The most resources of the kind in one region of an Azure subscription. */
  readonly most: number;
}

/**
 * @param relaxed with the raised limit on numbers; names are unique all the same, since they are addresses
 * Source: [EG-TOPIC-NAME-TAKEN], [EG-QUOTA-REGION]
 */
export function createRegionCheck(directory: ResourceDirectory, relaxed: boolean): RegionCheck {
  /** Ids on their way into the store, by region and by region and name. */
  const underWay = new IdSets();

  function checkName(desired: DesiredResource, { noun }: Quota, key: string): void {
    const { id, name, type, location } = desired;
    const region = location.toLowerCase();
    const others = directory.namedResources(type, name).filter((other) => other.location.toLowerCase() === region);
    const ids = [...others.map((other) => other.id), ...underWay.all(key)];
    if (ids.every((other) => resourceKey(other) === resourceKey(id))) return;
    throw new RingmainError(
      "conflict",
      `${noun.charAt(0).toUpperCase()}${noun.slice(1)} with the specified name already exists. Choose a different ${noun} name.`,
    );
  }

  function checkRoom(desired: DesiredResource, { noun, most }: Quota, key: string): void {
    const making = underWay.all(key).filter((id) => directory.get(id) === undefined);
    if (directory.countInRegion(desired) + making.length < most) return;
    throw new RingmainError(
      "conflict",
      `Quota limit reached: a subscription has at most ${most} ${noun}s in a region.${relaxed ? "" : " 'limits: relaxed' raises it."}`,
    );
  }

  function enter(desired: DesiredResource): () => void {
    const { noun, regionQuota } = kindOf(desired);
    if (regionQuota === undefined) return () => {};
    const most = quotaLimits(relaxed)[regionQuota];
    const region = regionKey(desired);
    const named = `${desired.type}\n${desired.location.toLowerCase()}\n${desired.name.toLowerCase()}`;
    checkName(desired, { noun, most }, named);
    checkRoom(desired, { noun, most }, region);
    const keys = [region, named];
    for (const key of keys) underWay.add(key, desired.id);
    return () => {
      for (const key of keys) underWay.delete(key, desired.id);
    };
  }

  return { enter };
}
