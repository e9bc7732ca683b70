import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../test/support/fixtures/seeded-random.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { Resource } from "../../core/resources/resources.ts";
import { ResourceTree } from "./resource-tree.ts";

const TYPES = ["Microsoft.EventGrid/topics", "Microsoft.EventGrid/domains"] as const;
const SCOPES = ["/subscriptions/One", "/subscriptions/one/resourceGroups/G", "/subscriptions/ONE/resourcegroups/h", ""];

function resource(id: string, type: (typeof TYPES)[number]): Resource {
  const keys = { key1: "", key2: "" };
  return { id, name: "r", type, uid: id, location: "local", keys, properties: { inputSchema: "EventGridSchema" } };
}

const ids = (found: readonly Resource[]): string[] => found.map(({ id }) => id).toSorted();

describe("the tree of resources", () => {
  it("finds the same resources as a scan, while resources are inserted and removed", () => {
    const random = seededRandom(7);
    const tree = new ResourceTree();
    const all = new Map<string, Resource>();
    const scopes = [...SCOPES, "/subscriptions/two", "/subscriptions/two/resourceGroups/g"];
    for (let step = 0; step < 400; step += 1) {
      const type = random.pick(TYPES);
      const id = `${random.pick(scopes)}/providers/${type}/${random.below(20)}`;
      const known = all.get(resourceKey(id));
      if (known !== undefined) tree.remove(known);
      all.delete(resourceKey(id));
      if (known === undefined || random.next() < 0.5) {
        const created = resource(id, type);
        tree.insert(created);
        all.set(resourceKey(id), created);
      }
      const scope = random.pick(scopes);
      const below = [...all.values()].filter((each) => resourceKey(each.id).startsWith(`${resourceKey(scope)}/`));
      expect(ids(tree.below(scope))).toEqual(ids(below));
      expect(ids(tree.below(scope, type))).toEqual(ids(below.filter((each) => each.type === type)));
      expect(ids(tree.ofKind(type))).toEqual(ids([...all.values()].filter((each) => each.type === type)));
    }
  });

  it("assigns a resource group to its Azure subscription, and names the groups that have resources", () => {
    const tree = new ResourceTree();
    const group: Resource = {
      id: "/subscriptions/one/resourceGroups/G",
      name: "G",
      type: "Microsoft.Resources/resourceGroups",
      uid: "1",
      location: "local",
      properties: {},
    };
    tree.insert(group);
    expect([tree.hasBelow(group.id), tree.groupsOf("one"), tree.subscriptionIds()]).toEqual([false, [], ["one"]]);
    expect(tree.below("/subscriptions/one")).toEqual([group]);
    const topic = resource(`${group.id}/providers/Microsoft.EventGrid/topics/t`, TYPES[0]);
    tree.insert(topic);
    expect([tree.hasBelow("/SUBSCRIPTIONS/ONE/resourcegroups/g"), tree.groupsOf("ONE")]).toEqual([true, ["G"]]);
    tree.remove(topic);
    tree.remove(group);
    expect([tree.hasBelow(group.id), tree.subscriptionIds(), tree.below("")]).toEqual([false, [], []]);
  });
});
