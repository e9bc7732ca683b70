import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/servers/run-ringmain.ts";

const run = promisify(execFile);
/** Bytes of a block of the shell's `ulimit -f`. */
const BLOCK_BYTES = 512;

/** A data folder with limited space. */
export interface SmallDisk {
  /** Path of the data folder, which does not exist yet. */
  readonly data: string;
  /** Limit on the size of files for `runRingmain`, if there is no separate file system. */
  readonly limitBlocks?: number;
  /** Frees the space that other data used. Without a separate file system, only ended deliveries free space. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Creates a file system of a given size in memory, some of which other data uses at first, if mounting is allowed.
 * Otherwise limits the size of files.
 */
export async function smallDisk(bytes: number, taken = 0): Promise<SmallDisk> {
  const folder = join(await temporaryFolder(), "disk");
  await mkdir(folder);
  const data = join(folder, "data");
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  } catch {
    const limitBlocks = Math.floor((bytes - taken) / BLOCK_BYTES);
    return { data, limitBlocks, free: async () => {}, remove: async () => {} };
  }
  const filler = join(folder, "filler");
  await writeFile(filler, Buffer.alloc(taken));
  return {
    data,
    free: () => rm(filler),
    remove: async () => void (await run("umount", ["-l", folder])),
  };
}
