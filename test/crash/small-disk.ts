import { execFile } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "../support/servers/run-ringmain.ts";

const run = promisify(execFile);
/** Bytes of a block of the shell's `ulimit -f`. */
const BLOCK_BYTES = 512;

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

/**
 * A file system of so many bytes in memory where mounting is allowed, of which something else has taken some at first;
 * elsewhere a limit on the size of files.
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
