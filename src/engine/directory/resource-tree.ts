import { resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource, ResourceOf, ResourceType } from "../../core/resources/resources.ts";

/** Resources of one group by kind, each by its key. */
type Group = Map<ResourceType, Map<string, Resource>>;

/**
 * Finds the Azure subscription and the group in an id, each empty if there is none. The id of a group itself belongs
 * to its subscription.
 */
const PLACE = /^(?:\/subscriptions\/([^/]+)(?:\/resourcegroups\/([^/]+)(?=\/))?)?/;

/**
 * Index of all resources by Azure subscription, group and kind, so that the cost of a list depends on its length only.
 */
export class ResourceTree {
  readonly #subscriptions = new Map<string, Map<string, Group>>();

  insert(resource: Resource): void {
    const key = resourceKey(resource.id);
    const { subscription, group } = placeOf(key);
    const groups = childOf(this.#subscriptions, subscription);
    childOf(childOf(groups, group), resource.type).set(key, resource);
  }

  remove({ id, type }: Resource): void {
    const key = resourceKey(id);
    const { subscription, group } = placeOf(key);
    const groups = this.#subscriptions.get(subscription);
    const kinds = groups?.get(group);
    const resources = kinds?.get(type);
    resources?.delete(key);
    if (resources?.size === 0) kinds?.delete(type);
    if (kinds?.size === 0) groups?.delete(group);
    if (groups?.size === 0) this.#subscriptions.delete(subscription);
  }

  /** Returns all resources of a kind. */
  ofKind<Type extends ResourceType>(type: Type): ResourceOf<Type>[] {
    return this.below("", type);
  }

  /**
   * Returns the resources of one kind, or of all kinds, below an Azure subscription or a resource group. An empty id
   * means the tenant.
   */
  below<Type extends ResourceType = ResourceType>(scopeId: string, type?: Type): ResourceOf<Type>[] {
    const found = this.#groupsBelow(scopeId).flatMap((kinds) => {
      const chosen = type === undefined ? [...kinds.values()] : [kinds.get(type) ?? new Map<string, Resource>()];
      return chosen.flatMap((resources) => [...resources.values()]);
    });
    return found as ResourceOf<Type>[];
  }

  /** Returns whether a resource group has any resources. */
  hasBelow(groupId: string): boolean {
    const { subscription, group } = placeOf(`${resourceKey(groupId)}/`);
    return this.#subscriptions.get(subscription)?.has(group) === true;
  }

  /**
   * Returns the names of the groups of an Azure subscription that have resources, spelled as in the id of the first
   * resource.
   */
  groupsOf(subscriptionId: string): string[] {
    const groups = this.#subscriptions.get(subscriptionId.toLowerCase()) ?? new Map<string, Group>();
    return Array.from(groups, ([group, kinds]) => {
      const [first] = [...kinds.values()].flatMap((resources) => [...resources.values()].slice(0, 1));
      return group === "" ? [] : [first?.id.split("/")[4] ?? group];
    }).flat();
  }

  /** Returns the ids of the Azure subscriptions that have resources, in lower case. */
  subscriptionIds(): string[] {
    return [...this.#subscriptions.keys()].filter((subscription) => subscription !== "");
  }

  #groupsBelow(scopeId: string): Group[] {
    if (scopeId === "") return Array.from(this.#subscriptions.values(), (groups) => [...groups.values()]).flat();
    const { subscription, group } = placeOf(`${resourceKey(scopeId)}/`);
    const groups = this.#subscriptions.get(subscription);
    if (group === "") return [...(groups?.values() ?? [])];
    const only = groups?.get(group);
    return only === undefined ? [] : [only];
  }
}

function placeOf(key: string): { readonly subscription: string; readonly group: string } {
  const [, subscription = "", group = ""] = PLACE.exec(key) ?? [];
  return { subscription, group };
}

/** Returns the map under a key. Creates it if there is none. */
function childOf<Key, Inner, Value>(maps: Map<Key, Map<Inner, Value>>, key: Key): Map<Inner, Value> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const created = new Map<Inner, Value>();
  maps.set(key, created);
  return created;
}
