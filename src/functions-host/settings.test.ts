import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { applyLocalSettings, resolveSettings, type Environment } from "./app/app-settings.ts";
import { readHostSettings } from "./app/host-settings.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-settings-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

describe("readHostSettings", () => {
  it("has Azure's defaults without a file [EG-FUNC-HTTP-ROUTE] [EG-FUNC-BLOB-TRIES]", async () => {
    expect(await readHostSettings(folder)).toEqual({ routePrefix: "api", functionTimeoutMs: 1_800_000, blobTries: 5 });
  });

  it.each([
    [
      { extensions: { http: { routePrefix: "/v1/" }, blobs: { poisonBlobThreshold: 2 } } },
      { routePrefix: "v1", blobTries: 2 },
    ],
    [{ extensions: { http: { routePrefix: "" } } }, { routePrefix: "" }],
    [{ functionTimeout: "00:05:30" }, { functionTimeoutMs: 330_000 }],
    [{ functionTimeout: "1.01:00:00" }, { functionTimeoutMs: 90_000_000 }],
    [{ functionTimeout: "-1" }, { functionTimeoutMs: Infinity }],
    [
      { extensions: { blobs: { poisonBlobThreshold: 0 } }, functionTimeout: 7 },
      { blobTries: 5, functionTimeoutMs: 1_800_000 },
    ],
  ])("reads %j [EG-FUNC-HTTP-ROUTE] [EG-FUNC-BLOB-TRIES]", async (content, expected) => {
    await writeFile(join(folder, "host.json"), `\uFEFF${JSON.stringify(content)}`);
    expect(await readHostSettings(folder)).toMatchObject(expected);
  });
});

describe("applyLocalSettings", () => {
  it("adds Values that are not set yet, and returns the names of those that were", async () => {
    const values = { A: "file", B: "file", C: 3, D: true, E: { deep: 1 } };
    await writeFile(join(folder, "local.settings.json"), JSON.stringify({ IsEncrypted: false, Values: values }));
    const environment: Environment = { A: "set" };
    expect(await applyLocalSettings(folder, environment)).toEqual(["A"]);
    expect(environment).toEqual({ A: "set", B: "file", C: "3", D: "true" });
  });

  it("does nothing without a file", async () => {
    const environment: Environment = {};
    expect(await applyLocalSettings(folder, environment)).toEqual([]);
    expect(environment).toEqual({});
  });
});

describe("resolveSettings", () => {
  it("replaces names between percent signs", () => {
    expect(resolveSettings("%ONE%/{name}-%TWO%", { ONE: "images", TWO: "x" })).toBe("images/{name}-x");
  });

  it("names the setting that is missing", () => {
    expect(() => resolveSettings("%ONE%/{name}", {})).toThrow(/needs the app setting ONE/);
  });
});
