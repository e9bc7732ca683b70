import { describe, expect, it } from "vitest";
import { GroupContents } from "./group-contents.ts";

const group = "/subscriptions/s/resourceGroups/Mine";

describe("GroupContents", () => {
  it("knows the groups in which something lies, in any case of letters", () => {
    const contents = new GroupContents();
    contents.add(`${group}/providers/Microsoft.EventGrid/topics/one`);
    contents.add(`${group.toUpperCase()}/providers/Microsoft.EventGrid/topics/two`);
    contents.remove(`${group}/providers/Microsoft.EventGrid/topics/two`);
    expect(contents.has(group.toLowerCase())).toBe(true);
    contents.remove(`${group}/providers/Microsoft.EventGrid/topics/one`);
    expect(contents.has(group)).toBe(false);
  });

  it("counts neither a group itself nor what lies in none", () => {
    const contents = new GroupContents();
    contents.add(group);
    contents.add("/subscriptions/s/providers/Microsoft.EventGrid/eventSubscriptions/one");
    contents.add(`${group}-other/providers/Microsoft.EventGrid/topics/one`);
    expect(contents.has(group)).toBe(false);
    expect(contents.has(`${group}-other`)).toBe(true);
  });
});
