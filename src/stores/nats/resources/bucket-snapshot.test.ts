import type { KvWatchEntry } from "@nats-io/kv";
import { describe, expect, it } from "vitest";
import { BucketSnapshot } from "./bucket-snapshot.ts";

const HOUR_MS = 3_600_000;

function entry(
  key: string,
  revision: number,
  operation: "PUT" | "DEL",
  created: number,
  isUpdate = false,
): KvWatchEntry {
  return { key, revision, operation, created: new Date(created), isUpdate } as KvWatchEntry;
}

describe("a snapshot of a bucket", () => {
  it("is complete with the first update, and contains the existing keys", () => {
    const snapshot = new BucketSnapshot();
    expect(snapshot.take(entry("one", 1, "PUT", 0))).toBe(false);
    expect(snapshot.take(entry("two", 2, "DEL", 0))).toBe(false);
    expect(snapshot.take(entry("three", 3, "PUT", 0, true))).toBe(true);
    expect(["one", "two", "three"].filter((key) => snapshot.has(key))).toEqual(["one", "three"]);
  });

  it("returns markers that are an hour older than the latest change", () => {
    const snapshot = new BucketSnapshot();
    snapshot.take(entry("old", 1, "DEL", 0));
    snapshot.take(entry("made again", 2, "DEL", 0));
    snapshot.take(entry("made again", 3, "PUT", 1));
    snapshot.take(entry("recent", 4, "DEL", 1));
    expect(snapshot.oldMarkers()).toEqual([]);
    snapshot.take(entry("settings", 5, "PUT", HOUR_MS + 1, true));
    expect(snapshot.oldMarkers().map(({ key, revision }) => [key, revision])).toEqual([["old", 1]]);
  });
});
