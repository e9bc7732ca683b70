import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, it } from "vitest";
import { removeFolders, runRingmain, temporaryFolder, type RunningRingmain } from "../support/servers/run-ringmain.ts";
import { runCli } from "./run-cli.ts";

const running: RunningRingmain[] = [];
afterEach(() => Promise.all(running.splice(0).map((ringmain) => ringmain.kill())));
afterAll(removeFolders);

describe("a data folder in use", () => {
  it("is refused to every other writer, with the process that uses it and a remedy", async () => {
    const data = await temporaryFolder();
    const ringmain = await runRingmain({ data });
    running.push(ringmain);
    const message =
      `The data folder ${data} is in use by process ${ringmain.pid}; only one process can use it. ` +
      "Stop that process, or choose another folder with '--data'\n";
    for (const command of [["start", "--port", "0"], ["repair"]]) {
      expect(await runCli([...command, "--data", data], data)).toEqual({
        code: 1,
        signal: null,
        output: "",
        lines: [],
        errors: message,
      });
    }
    expect((await fetch(`${ringmain.ready.http}/readyz`)).status).toBe(200);
    await ringmain.kill();
    running.push(await runRingmain({ data }));
  });

  it("is not affected by damaged lock files of an exited process", async () => {
    const data = await temporaryFolder();
    await (await runRingmain({ data })).kill();
    for (const name of ["lock.mdb", "owner.mdb-lock"]) {
      const { length } = await readFile(join(data, name));
      await writeFile(join(data, name), Buffer.alloc(length, 0x5a));
    }
    running.push(await runRingmain({ data }));
  });
});
