import { dependencyRank } from "../../core/kinds/index.ts";
import type { Resource } from "../../core/resources/resources.ts";

/** Compares resources so that each can be deleted when its turn comes. */
export function dependentsFirst(one: Pick<Resource, "type">, other: Pick<Resource, "type">): number {
  return dependencyRank(other) - dependencyRank(one);
}
