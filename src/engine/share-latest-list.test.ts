import { expect, it } from "vitest";
import { shareLatestList } from "./share-latest-list.ts";

it("returns the previous list if both have the same elements", () => {
  const share = shareLatestList<string>();
  const first = ["a", "b"];
  expect(share(first)).toBe(first);
  expect(share(["a", "b"])).toBe(first);
});

it.each([[["b", "a"]], [["a"]], [["a", "b", "c"]], [[]]])(
  "returns a list unchanged if its elements differ: %j",
  (other) => {
    const share = shareLatestList<string>();
    share(["a", "b"]);
    expect(share(other)).toBe(other);
  },
);
