import { expect, it } from "vitest";
import { shareLatestList } from "./share-latest-list.ts";

it("returns the latest list in place of one with the same elements", () => {
  const share = shareLatestList<string>();
  const first = ["a", "b"];
  expect(share(first)).toBe(first);
  expect(share(["a", "b"])).toBe(first);
});

it.each([[["b", "a"]], [["a"]], [["a", "b", "c"]], [[]]])("returns a list with other elements itself: %j", (other) => {
  const share = shareLatestList<string>();
  share(["a", "b"]);
  expect(share(other)).toBe(other);
});
