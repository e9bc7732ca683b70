import { array, assert, dictionary, integer, option, property, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { ObjectExtender, decodeUtf8 } from "./event-bytes.ts";
import { sliceJson } from "./json-slices.ts";

describe("ObjectExtender", () => {
  it("extends any object of a text by any members, without changing the text or other objects", () => {
    const added = string({ maxLength: 40 });
    const one = record({ object: dictionary(string(), integer(), { minKeys: 1 }), added: option(added) });
    assert(
      property(array(one, { minLength: 1, maxLength: 12 }), (all) => {
        const text = JSON.stringify(all.map(({ object }) => object));
        const bytes = Buffer.from(text);
        const slices = sliceJson(bytes, { values: all.length, depth: 2 });
        if (typeof slices === "string") return false;
        const extender = new ObjectExtender(bytes, all.length);
        const extended = all.map(({ added: name }, index) => {
          const { start, end } = slices.values[index] ?? { start: 0, end: 0 };
          if (name === null) return undefined;
          return extender.extend(start, end, Buffer.from(`,${JSON.stringify(name)}:true}`));
        });
        const expected = all.map(({ object, added: name }) =>
          name === null ? undefined : `${JSON.stringify(object).slice(0, -1)},${JSON.stringify(name)}:true}`,
        );
        expect(extended.map((json) => json && decodeUtf8(json))).toEqual(expected);
        expect(bytes.toString()).toBe(text);
        return true;
      }),
      { numRuns: 1_000 },
    );
  });
});
