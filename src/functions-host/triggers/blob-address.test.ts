import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchBlobPath, parseBlobUrl } from "./blob-address.ts";

describe("parseBlobUrl", () => {
  it.each([
    ["https://acc.blob.core.windows.net/images/a.png", "images", "a.png"],
    ["https://acc.blob.core.windows.net/images/a/b%20c%25.png?sig=x", "images", "a/b c%.png"],
    ["https://acc.blob.core.windows.net/a.png", "$root", "a.png"],
    ["http://127.0.0.1:41234/acc/images/a.png", "images", "a.png"],
    ["http://localhost:10000/acc/images/a.png", "images", "a.png"],
    ["http://azurite:10000/acc/images/a.png", "images", "a.png"],
  ])("returns the container and the blob of %s [EG-FUNC-BLOB-URL]", (url, container, blob) => {
    expect(parseBlobUrl(url)).toEqual({ container, blob });
  });

  it("parses any names that a client puts into an address [EG-FUNC-BLOB-URL]", () => {
    const name = fc
      .string({ unit: "binary", minLength: 1 })
      .filter((text) => !/[/\\]/.test(text) && !/^\.{1,2}$/.test(text));
    fc.assert(
      fc.property(fc.constantFrom("images", "$web"), name, name, (container, one, two) => {
        const url = `https://acc.blob.core.windows.net/${container}/${encodeURIComponent(one)}/${encodeURIComponent(two)}`;
        expect(parseBlobUrl(url)).toEqual({ container, blob: `${one}/${two}` });
      }),
    );
  });

  it("never throws [EG-FUNC-BLOB-URL]", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.webUrl()), (text) => void parseBlobUrl(text)));
  });
});

describe("matchBlobPath", () => {
  it.each<[string, string, Record<string, string> | undefined]>([
    ["images/{name}", "a/b.png", { name: "a/b.png" }],
    ["images/{name}.{ext}", "a.b.png", { name: "a.b", ext: "png" }],
    ["/images/{folder}/{name}", "a/b/c", { folder: "a/b", name: "c" }],
    ["images/fixed.png", "fixed.png", {}],
    ["images/fixed.png", "fixedXpng", undefined],
    ["images", "anything/at.all", {}],
    ["other/{name}", "a.png", undefined],
    ["images/original-{name}", "copy-a", undefined],
  ])("%s matches images/%s with %j [EG-FUNC-BLOB-METADATA]", (path, blob, expected) => {
    expect(matchBlobPath(path, { container: "images", blob })).toEqual(expected);
  });

  it("matches an address of which many readings fail in proportion to its length [EG-FUNC-BLOB-METADATA]", () => {
    const blob = "a".repeat(1_000_000);
    expect(matchBlobPath("images/{a}a{b}a{c}a{d}a{e}a{f}b", { container: "images", blob })).toBeUndefined();
  });
});
