import { copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SECOND_MS } from "../../../core/time.ts";
import { ManualClock } from "../../../testing/manual-clock.ts";
import { FolderWatch } from "./folder-watch.ts";

let folder: string;
let path: string;
let clock: ManualClock;
let watch: FolderWatch;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-watch-"));
  path = join(folder, "data.mdb");
  for (const name of ["data.mdb", "log.0"]) await writeFile(join(folder, name), name);
  clock = new ManualClock();
  watch = new FolderWatch(folder, ["data.mdb", "log.0", "never-there"], clock);
});
afterEach(async () => {
  watch.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Runs this number of checks of the folder. Returns the reason if the watch has found a loss. */
async function lookTimes(looks: number): Promise<string | undefined> {
  const lost = watch.lost.then(({ message }) => message);
  for (let left = looks; left > 0; left -= 1) {
    clock.moveTo(clock.nextWakeAt() ?? clock.now());
    const decided = new AbortController();
    const reason = await Promise.race([lost, untilAsleep(decided.signal)]);
    decided.abort();
    if (reason !== undefined) return reason;
  }
  return undefined;
}

async function untilAsleep(decided: AbortSignal): Promise<undefined> {
  while (clock.nextWakeAt() === undefined && !decided.aborted) await new Promise((done) => setImmediate(done));
}

describe("FolderWatch", () => {
  it("checks often enough to notice a loss within five seconds", () => {
    expect((clock.nextWakeAt() ?? Number.POSITIVE_INFINITY) - clock.now()).toBeLessThan(5 * SECOND_MS);
  });

  it("reports nothing if the contents of a file change", async () => {
    await writeFile(path, "more");
    expect(await lookTimes(3)).toBeUndefined();
  });

  it("notices a file that is deleted", async () => {
    expect(await lookTimes(1)).toBeUndefined();
    await rm(join(folder, "log.0"));
    expect(await lookTimes(1)).toMatch(/log\.0 was deleted or moved away while Ringmain used it/);
  });

  it("notices a file that is replaced by an equal one", async () => {
    await copyFile(path, `${path}.copy`);
    await rename(`${path}.copy`, path);
    expect(await lookTimes(1)).toMatch(/data\.mdb was replaced while Ringmain used it/);
  });

  it("notices that the folder was deleted and replaced by a file", async () => {
    await rm(folder, { recursive: true });
    await writeFile(folder, "");
    expect(await lookTimes(1)).toMatch(/data\.mdb was deleted or moved away/);
  });

  it("ends when it is stopped", async () => {
    watch.stop();
    expect(clock.nextWakeAt()).toBeUndefined();
  });
});
