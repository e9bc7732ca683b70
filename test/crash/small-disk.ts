import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/servers/run-ringmain.ts";

const run = promisify(execFile);

/** A place for data that fills up soon. */
export interface SmallDisk {
  /** The data folder to be. */
  readonly data: string;
  /** What `runRingmain` needs to know where there is no disk of its own: then files are limited instead. */
  readonly limitBlocks?: number;
  /** Makes space that was taken by something else. Without a disk of its own nothing but ended deliveries does. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Of everything, and of that what something else has taken at first. */
const DISK_BYTES = 6_000_000;
const FILLER_BYTES = 2_000_000;

/** A file system of a few megabytes in memory where mounting is allowed; else a limit on the size of files. */
export async function smallDisk(): Promise<SmallDisk> {
  const folder = join(await temporaryFolder(), "disk");
  await mkdir(folder);
  const data = join(folder, "data");
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${DISK_BYTES}`, "tmpfs", folder]);
  } catch {
    return { data, limitBlocks: 8_000, free: async () => {}, remove: async () => {} };
  }
  const filler = join(folder, "filler");
  await writeFile(filler, Buffer.alloc(FILLER_BYTES));
  return {
    data,
    free: () => rm(filler),
    remove: async () => void (await run("umount", ["-l", folder])),
  };
}
