import { kindOf } from "../../core/kinds/index.ts";
import type { Relation } from "../../core/kinds/kind.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { IdSets } from "./id-sets.ts";

/** Index of resources by the relations that the table of kinds defines, such as name, parent or source. */
export class ResourceRelations {
  readonly #sets: Readonly<Record<Relation, IdSets>> = {
    name: new IdSets(),
    region: new IdSets(),
    parent: new IdSets(),
    source: new IdSets(),
    channelSource: new IdSets(),
    partnerTopic: new IdSets(),
    registration: new IdSets(),
    scope: new IdSets(),
  };

  insert(resource: Resource): void {
    for (const [relation, key] of kindOf(resource).places(resource)) this.#sets[relation].add(key, resource.id);
  }

  remove(resource: Resource): void {
    for (const [relation, key] of kindOf(resource).places(resource)) this.#sets[relation].delete(key, resource.id);
  }

  /** Returns the id under a key. If there are several, returns the one that was inserted first. */
  first(relation: Relation, key: string): string | undefined {
    return this.#sets[relation].first(key);
  }

  all(relation: Relation, key: string): readonly string[] {
    return this.#sets[relation].all(key);
  }

  count(relation: Relation, key: string): number {
    return this.#sets[relation].count(key);
  }
}
