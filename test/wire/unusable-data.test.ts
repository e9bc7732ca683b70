import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  launchRingmain,
  removeFolders,
  temporaryFolder,
  type LaunchedRingmain,
} from "../support/servers/run-ringmain.ts";

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(join(folder, "file"), "");
  await mkdir(join(folder, "loop"));
  await symlink(join(folder, "loop", "a"), join(folder, "loop", "b"));
  await symlink(join(folder, "loop", "b"), join(folder, "loop", "a"));
});
afterEach(async () => {
  for (const ringmain of launched.splice(0)) await ringmain.kill();
});
afterAll(removeFolders);

const launched: LaunchedRingmain[] = [];

/** Data folders that must be refused at once: a start that hangs exceeds the test's timeout. */
const UNUSABLE: readonly (readonly [description: string, data: () => string, exitCode: number, message: string])[] = [
  ["a folder where none can be made", () => "/proc/x/y", 1, "cannot create a folder in '/proc'"],
  ["a folder in a device", () => "/dev/null/x", 1, "'/dev/null' is not a folder"],
  ["a folder in a file", () => join(folder, "file", "x", "y"), 1, "is not a folder"],
  ["a file", () => join(folder, "file"), 1, "is not a folder"],
  ["a device", () => "/dev/full", 1, "'/dev/full' is not a folder"],
  ["a folder that may not be written", () => "/sys/x/y", 1, "no permission to create a folder in '/sys'"],
  ["links in a circle", () => join(folder, "loop", "a", "x"), 1, "ELOOP"],
  ["a name that is too long", () => join(folder, "x".repeat(300)), 1, "the path is too long"],
  ["a path that is too long", () => "x/".repeat(3_000), 1, "the path is too long"],
  ["nothing", () => "", 2, "data: must be a path"],
  ["blanks", () => "  ", 2, "data: must be a path"],
  ["the shell's name of a home folder", () => "~/.ringmain", 2, "data: must be a path"],
  ["an address", () => "nats://localhost:4222", 2, "data: must be a path"],
];

describe.runIf(process.platform === "linux")("a data folder that cannot be used", () => {
  it.each(UNUSABLE)("is refused at once: %s", async (_description, data, exitCode, message) => {
    const ringmain = await launchRingmain({ data: data() });
    launched.push(ringmain);
    expect(await ringmain.exited).toBe(exitCode);
    expect(ringmain.errors.join("")).toContain(message);
    expect(ringmain.errors.join("")).not.toMatch(/^ {4}at /m);
  });
});
