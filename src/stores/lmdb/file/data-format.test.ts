import { describe, expect, it } from "vitest";
import { FORMAT_KEY, migrate } from "./data-format.ts";

/** A file that only contains a version, and records the calls. */
class VersionedFile {
  readonly log: string[] = [];
  version: number | undefined;

  constructor(version: number | undefined) {
    this.version = version;
  }

  get(_table: "meta", key: Uint8Array) {
    return key === FORMAT_KEY && this.version !== undefined ? Buffer.from([0, 0, 0, this.version]) : undefined;
  }

  async commit(writes: readonly { readonly value: Buffer }[]): Promise<void> {
    this.version = writes[0]?.value.readUInt32BE(0);
    this.log.push(`is ${this.version}`);
  }
}

const step = (name: string) => async (file: VersionedFile) => void file.log.push(name);
const broken = async (): Promise<void> => {
  throw new Error("interrupted");
};
const migrations = [step("1 to 2"), step("2 to 3")];

describe("migrate", () => {
  const cases: readonly [string, number | undefined, string[]][] = [
    ["a new file", undefined, ["is 3"]],
    ["the first format", 1, ["1 to 2", "is 2", "2 to 3", "is 3"]],
    ["a format in between", 2, ["2 to 3", "is 3"]],
    ["the current format", 3, []],
  ];
  for (const [name, version, log] of cases) {
    it(`migrates ${name} to the current one`, async () => {
      const file = new VersionedFile(version);
      await migrate(file, migrations);
      expect(file.log).toEqual(log);
    });
  }

  it("continues after an interruption with the interrupted step", async () => {
    const file = new VersionedFile(1);
    await expect(migrate(file, [step("1 to 2"), broken])).rejects.toThrow("interrupted");
    expect(file.version).toBe(2);
    await migrate(file, migrations);
    expect(file.log).toEqual(["1 to 2", "is 2", "2 to 3", "is 3"]);
  });
});
