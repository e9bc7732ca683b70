import { assert, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyCall, isBatch } from "./classify-call.ts";

const classify = (
  method: string,
  target: string,
  headers: Readonly<Record<string, string>> = {},
  host = "127.0.0.1:10000",
): string => {
  const call = classifyCall("acc", { method, target, host, header: (name) => headers[name] });
  return call === undefined ? "nothing" : `${call.api} ${call.facts} ${call.blob.container}|${call.blob.name}`;
};
const block = { "x-ms-blob-type": "BlockBlob" };
const copy = { "x-ms-copy-source": "http://h/acc/c/s" };

describe("classifyCall", () => {
  it.each<readonly [method: string, target: string, headers: Readonly<Record<string, string>>, expected: string]>([
    ["PUT", "/acc/c/b", block, "PutBlob request c|b"],
    ["PUT", "/acc/c/b?timeout=30&sv=2020&sig=a%2Bb", block, "PutBlob request c|b"],
    ["PUT", "/acc/c/b", { "x-ms-blob-type": "PageBlob" }, "PutBlob request c|b"],
    ["PUT", "/acc/c/b?comp=blocklist", {}, "PutBlockList after c|b"],
    ["PUT", "/acc/c/b?Comp=BlockList", {}, "PutBlockList after c|b"],
    ["PUT", "/acc/c/b", copy, "CopyBlob after c|b"],
    ["PUT", "/acc/c/b", { ...copy, ...block }, "PutBlob after c|b"],
    ["PUT", "/acc/c/b?comp=tier", {}, "SetBlobTier before c|b"],
    ["DELETE", "/acc/c/b", {}, "DeleteBlob before c|b"],
    ["DELETE", "/acc/c/b", { "x-ms-delete-snapshots": "include" }, "DeleteBlob before c|b"],
  ])("[EG-STORAGE-CALLS] %s %s %j is %s", (method, target, headers, expected) => {
    expect(classify(method, target, headers)).toBe(expected);
  });

  it.each<readonly [method: string, target: string, headers: Readonly<Record<string, string>>]>([
    ["DELETE", "/acc/c/b", { "x-ms-delete-snapshots": "Only" }],
    ["DELETE", "/acc/c/b?snapshot=2020-01-01", {}],
    ["DELETE", "/acc/c/b?versionid=2020-01-01", {}],
    ["DELETE", "/acc/c?restype=container", {}],
    ["PUT", "/acc/c?restype=container", {}],
    ["PUT", "/acc/c/b", {}],
    ["PUT", "/acc/c/b?comp=tier&snapshot=2020-01-01", {}],
    ["PUT", "/acc/?restype=service&comp=properties", {}],
    ["GET", "/acc/c/b", block],
    ["POST", "/acc/c/b", block],
    ...["block", "appendblock", "page", "metadata", "properties", "lease", "tags", "snapshot", "copy", "undelete"].map(
      (comp) => ["PUT", `/acc/c/b?comp=${comp}`, { ...block, ...copy }] as const,
    ),
    ["PUT", "/acc/$logs/b", block],
    ["DELETE", "/acc/$blobchangefeed/log/00", {}],
    ["PUT", "/other/c/b", block],
    ["PUT", "/acc/c/", block],
    ["PUT", "/acc//b", block],
    ["PUT", "/acc/", block],
    ["PUT", "/acc", block],
    ["PUT", "/", block],
    ["PUT", "", block],
    ["PUT", "/acc/c/%zz", block],
  ])("[EG-STORAGE-SILENT] %s %s %j raises nothing", (method, target, headers) => {
    expect(classify(method, target, headers)).toBe("nothing");
  });

  it.each([
    ["/acc/c/a%20b", "127.0.0.1:10000", "c|a b"],
    ["/acc/c/a%2Fb+c%25", "localhost:10000", "c|a/b+c%"],
    ["/acc/c/a%5Cb", "127.0.0.1", "c|a/b"],
    ["/acc/c/%C3%A9/", "127.0.0.1", "c|é/"],
    ["/c/b", "acc.blob.localhost:10000", "c|b"],
    ["/c/b", "ACC.blob.core.windows.net", "c|b"],
    ["/acc/b", "acc.blob.localhost:10000", "acc|b"],
    ["/acc/file.txt", "127.0.0.1", "$root|file.txt"],
    ["/acc/c/b", "azurite.local", "c|b"],
  ])("[EG-STORAGE-ADDRESS] %s at %s is %s", (target, host, expected) => {
    expect(classify("PUT", target, block, host)).toBe(`PutBlob request ${expected}`);
  });

  it("[EG-STORAGE-SILENT] never throws", () => {
    assert(
      property(string(), string(), string(), (method, target, host) => {
        classify(method, target, block, host);
        classify("PUT", `/acc/${target}`, block, host);
      }),
    );
  });
});

describe("isBatch", () => {
  it.each([
    ["POST", "/acc/?comp=batch", true],
    ["POST", "/acc/c?restype=container&comp=batch", true],
    ["PUT", "/acc/?comp=batch", false],
    ["POST", "/acc/c/b?comp=query", false],
  ])("[EG-STORAGE-BATCH] %s %s: %s", (method, target, expected) => {
    expect(isBatch(method, target)).toBe(expected);
  });
});
