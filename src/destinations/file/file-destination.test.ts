import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, subscriberTo } from "../../../test/contract/destination-fixtures.ts";
import type { FileProperties } from "../../core/destinations/file.ts";
import type { Destinations } from "../index.ts";

describe("a file destination", () => {
  let folder: string;
  let factory: Destinations;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "ringmain-file-"));
    factory = destinations({ folder });
  });
  afterEach(async () => {
    await factory.close();
    await rm(folder, { recursive: true });
  });
  const open = (properties: FileProperties) => factory.open(subscriberTo({ endpointType: "File", properties }));
  const lines = async (path: string): Promise<string[]> => (await readFile(join(folder, path), "utf8")).split("\n");

  it("writes one line of JSON for each event, and creates missing folders [EG-FILE]", async () => {
    const destination = open({ path: "a/b/events.jsonl" });
    const pretty = new TextEncoder().encode('{\n  "id": "1",\r\n  "text": "a\\nb"\n}');
    await destination.deliver([delivery({ subject: "one" }), delivery({ subject: "two" })], NOW, NEVER);
    expect(await destination.deliver([delivery({}, {}, { json: pretty })], NOW, NEVER)).toEqual({ kind: "accepted" });
    const [one = "", two = "", three = "", end] = await lines("a/b/events.jsonl");
    expect([JSON.parse(one), JSON.parse(two), JSON.parse(three)]).toMatchObject([
      { subject: "one" },
      { subject: "two" },
      { id: "1", text: "a\nb" },
    ]);
    expect(end).toBe("");
  });

  it("shares its file with other subscriptions, without mixing lines [EG-FILE]", async () => {
    const both = [open({ path: "events.jsonl" }), open({ path: "./x/../events.jsonl" })];
    const data = "x".repeat(50_000);
    await Promise.all(Array.from({ length: 40 }, (_, at) => both[at % 2]?.deliver([delivery({ data })], NOW, NEVER)));
    const all = await lines("events.jsonl");
    expect(all).toHaveLength(41);
    for (const line of all.slice(0, -1)) expect(JSON.parse(line)).toMatchObject({ data });
  });

  it("begins a new file at the maximum size, and keeps the previous one [EG-FILE]", async () => {
    const destination = open({ path: "events.jsonl", maxFileMegabytes: 1 });
    const event = (subject: string) => delivery({ subject, data: "x".repeat(400_000) });
    for (const subject of ["1", "2", "3", "4", "5"]) {
      expect(await destination.deliver([event(subject)], NOW, NEVER)).toEqual({ kind: "accepted" });
    }
    const subjects = async (path: string) =>
      (await lines(path)).slice(0, -1).map((line) => (JSON.parse(line) as { subject: string }).subject);
    expect(await subjects("events.jsonl.1")).toEqual(["3", "4"]);
    expect(await subjects("events.jsonl")).toEqual(["5"]);
  });

  it.runIf(process.platform === "linux")("fails if the folder cannot be created [EG-FILE]", async () => {
    const outcome = await open({ path: "/proc/x/y/events.jsonl" }).deliver([delivery()], NOW, NEVER);
    expect(outcome).toMatchObject({ kind: "failed", outcome: "GenericError" });
    expect(JSON.stringify(outcome)).toContain("cannot create a folder in '/proc'");
  });

  it("begins a new line after one that a crash has cut off [EG-FILE]", async () => {
    await appendFile(join(folder, "events.jsonl"), '{"cut":');
    await open({ path: "events.jsonl" }).deliver([delivery({ subject: "whole" })], NOW, NEVER);
    const [cut, whole = ""] = await lines("events.jsonl");
    expect(cut).toBe('{"cut":');
    expect(JSON.parse(whole)).toMatchObject({ subject: "whole" });
  });
});
