import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileRoute } from "./http-route.ts";

describe("compileRoute", () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ["api/a", "/API/A", {}],
    ["api/a", "/api/a/", {}],
    ["api/a", "/api/ab", undefined],
    ["api/{id}", "/api/x%20y", { id: "x y" }],
    ["api/{id}", "/api/", undefined],
    ["api/{id}", "/api/%", { id: "%" }],
    ["api/{id:int}", "/api/-12", { id: "-12" }],
    ["api/{id:int}", "/api/1x", undefined],
    ["api/{id:int?}", "/api", {}],
    ["api/{id=7}", "/api", { id: "7" }],
    ["api/{id=7}", "/api/8", { id: "8" }],
    ["api/{on:bool}", "/api/TRUE", { on: "TRUE" }],
    ["api/{price:decimal}", "/api/1.50", { price: "1.50" }],
    ["api/{id:guid}", "/api/0af76519-16cd-43dd-8448-eb211c80319c", { id: "0af76519-16cd-43dd-8448-eb211c80319c" }],
    ["api/{id:guid}", "/api/0af76519", undefined],
    ["api/{id:length(3)}", "/api/abcd", { id: "abcd" }],
    ["api/{*rest}", "/api/a/b", { rest: "a/b" }],
    ["api/{**rest}", "/api", {}],
    ["api/{name}.{ext}", "/api/a.b.png", { name: "a.b", ext: "png" }],
    ["api/{a}-{b}-{c}", "/api/W-x-y-z", { a: "W-x", b: "y", c: "z" }],
    ["api/v{major:int}.{minor:int}", "/api/V1.12", { major: "1", minor: "12" }],
    ["api/v{major:int}.{minor:int}", "/api/v1.x", undefined],
    ["api/{a}-{b}", "/api/-b", undefined],
    ["api/{id}", "/api/a//", undefined],
    ["api/{id:constructor}", "/api/a", { id: "a" }],
    ["api/v(1)/{id}", "/api/v(1)/2", { id: "2" }],
    ["{id}", "/x", { id: "x" }],
  ])("%s matches %s with %j [EG-FUNC-HTTP-ROUTE]", (template, path, expected) => {
    expect(compileRoute(template).match(path)).toEqual(expected);
  });

  it("rejects a path with many possible matches in linear time [EG-FUNC-HTTP-ROUTE]", () => {
    const route = compileRoute("api/{a}-{b}-{c}-{d}-{e}-{f}-{g}-{h:int}");
    expect(route.match(`/api/${"-".repeat(1_000_000)}`)).toBeUndefined();
  });

  it("ranks more specific routes first [EG-FUNC-HTTP-ROUTE]", () => {
    const templates = ["a/{*rest}", "a/{id}", "a/{id:int}", "a/{name}.{ext}", "a/b"];
    const ranked = templates.toSorted((one, other) => (compileRoute(one).rank < compileRoute(other).rank ? -1 : 1));
    expect(ranked).toEqual(["a/b", "a/{name}.{ext}", "a/{id:int}", "a/{id}", "a/{*rest}"]);
  });

  it("reports the constraints that it does not check", () => {
    expect(compileRoute("a/{id:int:min(1)}/{b:length(3)}").unchecked).toEqual(["min(1)", "length(3)"]);
  });

  it("accepts any template and path", () => {
    fc.assert(fc.property(fc.string(), fc.string(), (template, path) => void compileRoute(template).match(path)));
  });
});
