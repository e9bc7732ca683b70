import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { regionKey } from "../../core/kinds/places.ts";
import { quotaLimits } from "../../core/limits.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { IdSets } from "../directory/id-sets.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

/** Checks names and quotas in each region. */
export interface RegionCheck {
  /**
   * Reserves the name and a place in the quota for a new resource. Throws `conflict` if its name is taken in its
   * region, or if the region is full. The reservation ends when the returned function is called, so concurrent writes
   * cannot share it.
   */
  enter(desired: DesiredResource): () => void;
}

/** A kind with a quota in each region. */
interface Quota {
  readonly noun: string;
  /** Maximum number of resources of the kind in one region of an Azure subscription. */
  readonly limit: number;
}

/**
 * Creates the check of names and quotas.
 *
 * @param relaxed whether the raised quota applies. Names are unique in any case, because they are addresses.
 * Source: [EG-TOPIC-NAME-TAKEN], [EG-QUOTA-REGION]
 */
export function createRegionCheck(directory: ResourceDirectory, relaxed: boolean): RegionCheck {
  /** Ids of resources that are being written: by region, and by region and name. */
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

  function checkRoom(desired: DesiredResource, { noun, limit }: Quota, key: string): void {
    const creating = underWay.all(key).filter((id) => directory.get(id) === undefined);
    if (directory.countInRegion(desired) + creating.length < limit) return;
    throw new RingmainError(
      "conflict",
      `Quota limit reached: a subscription has at most ${limit} ${noun}s in a region.${relaxed ? "" : " 'limits: relaxed' raises it."}`,
    );
  }

  function enter(desired: DesiredResource): () => void {
    const { noun, regionQuota } = kindOf(desired);
    if (regionQuota === undefined) return () => {};
    const limit = quotaLimits(relaxed)[regionQuota];
    const region = regionKey(desired);
    const nameKey = `${desired.type}\n${desired.location.toLowerCase()}\n${desired.name.toLowerCase()}`;
    checkName(desired, { noun, limit }, nameKey);
    checkRoom(desired, { noun, limit }, region);
    const keys = [region, nameKey];
    for (const key of keys) underWay.add(key, desired.id);
    return () => {
      for (const key of keys) underWay.delete(key, desired.id);
    };
  }

  return { enter };
}
