import { resourceKey } from "../../core/resources/resource-id.ts";

/** The group in the id of what lies in one, event subscriptions to it included. */
const GROUP = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+(?=\/)/;

/** How many resources lie in each resource group; saves looking at all of them. */
export class GroupContents {
  readonly #counts = new Map<string, number>();

  add(id: string): void {
    this.#change(id, 1);
  }

  remove(id: string): void {
    this.#change(id, -1);
  }

  /** Returns whether anything lies in a group. */
  has(groupId: string): boolean {
    return this.#counts.has(resourceKey(groupId));
  }

  #change(id: string, by: 1 | -1): void {
    const group = GROUP.exec(resourceKey(id))?.[0];
    if (group === undefined) return;
    const count = (this.#counts.get(group) ?? 0) + by;
    if (count === 0) this.#counts.delete(group);
    else this.#counts.set(group, count);
  }
}
