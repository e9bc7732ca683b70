import { dependencyRank } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";

/** Compares resources for sorting, so that each one comes before the resources that it depends on. */
export function dependentsFirst(one: Pick<Resource, "type">, other: Pick<Resource, "type">): number {
  return dependencyRank(other) - dependencyRank(one);
}
