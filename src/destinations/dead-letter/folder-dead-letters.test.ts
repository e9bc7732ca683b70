import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, webhookTo } from "../../../test/contract/destination-fixtures.ts";
import type { DeliveryOutcome } from "../../core/delivery.ts";
import { deadLetterPath } from "./dead-letter-path.ts";

const everythingIn = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" });

const filesIn = (folder: string): string[] => everythingIn(folder).filter((file) => /json|tmp/.test(file));

describe("deadLetterPath [EG-DEADLETTER-PATH]", () => {
  it("contains the name in upper case and the hour in UTC without leading zeros", () => {
    expect(deadLetterPath("to-Warehouse", NOW, "id").join("/")).toBe("TO-WAREHOUSE/2026/3/9/7/id.json");
    const lastHour = Date.UTC(2026, 11, 31, 23, 59);
    expect(deadLetterPath("abc", lastHour, "id").join("/")).toBe("ABC/2026/12/31/23/id.json");
    expect(deadLetterPath("abc", Date.UTC(2026, 0, 1), "id").join("/")).toBe("ABC/2026/1/1/0/id.json");
  });

  it("consists of plain file names for every subscription name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        expect(deadLetterPath(name, NOW, "id")[0]).toMatch(/^[A-Za-z0-9_-]+$/);
      }),
    );
    expect(deadLetterPath("../..", NOW, "../x")).toEqual(["_____", "2026", "3", "9", "7", "___x.json"]);
  });
});

describe("dead letters in a folder", () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), "ringmain-dead-letters-"));
  });
  afterEach(() => rmSync(base, { recursive: true }));

  const write = async (path: string, name = "to-warehouse"): Promise<DeliveryOutcome | undefined> => {
    const factory = destinations({ folder: join(base, "inner") });
    const subscription = webhookTo("http://127.0.0.1:9/", {
      deadLetterDestination: { endpointType: "Folder", properties: { path } },
    });
    const destination = factory.openDeadLetter({ ...subscription, name });
    const batch = [
      delivery({ subject: "one" }, { deadLetterReason: "TimeToLiveExceeded" }),
      delivery({ subject: "two" }, { deadLetterReason: "TimeToLiveExceeded" }),
    ];
    return destination?.deliver(batch, NOW, NEVER);
  };

  it("are arrays in files named like blobs, without other files [EG-DEADLETTER-FOLDER] [EG-DEADLETTER-PATH]", async () => {
    const path = "TO-WAREHOUSE/2026/3/9/7/00000000-0000-4000-8000-000000000001.json";
    expect(await write("dead")).toEqual({ kind: "accepted", writtenTo: join(base, "inner", "dead", path) });
    expect(filesIn(base)).toEqual([join("inner", "dead", path)]);
    const content = JSON.parse(readFileSync(join(base, "inner", "dead", path), "utf8")) as unknown;
    expect(content).toMatchObject([
      { subject: "one", deadLetterReason: "TimeToLiveExceeded" },
      { subject: "two", deadLetterReason: "TimeToLiveExceeded" },
    ]);
  });

  it("can be written to an absolute path [EG-DEADLETTER-FOLDER]", async () => {
    expect(await write(join(base, "elsewhere"))).toMatchObject({ kind: "accepted" });
    expect(filesIn(join(base, "elsewhere"))).toHaveLength(1);
  });

  it("can be written outside the configuration's folder [EG-DEADLETTER-FOLDER]", async () => {
    expect(await write("a/../../outer")).toMatchObject({ kind: "accepted" });
    expect(filesIn(join(base, "outer"))).toHaveLength(1);
  });

  it("leave no file behind when they cannot be renamed [EG-DEADLETTER-FOLDER]", async () => {
    const [name = "", ...rest] = deadLetterPath("to-warehouse", NOW, "00000000-0000-4000-8000-000000000001");
    mkdirSync(join(base, "inner", "dead", name, ...rest), { recursive: true });
    const before = everythingIn(base);
    expect(await write("dead")).toMatchObject({ kind: "failed", outcome: "GenericError" });
    expect(everythingIn(base)).toEqual(before);
  });
});
