import { statSync, type BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";

/** Errors that mean that nothing is at a path any more. Others may pass: then nothing is known. */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ESTALE"]);

/** Which file is at a path: device and inode, as long as it exists. `"gone"` when there is none. */
export type FileIdentity = string;

/** Returns which file is at a path; `undefined` when that cannot be found out now. */
export function identityOf(path: string): FileIdentity | undefined {
  try {
    return textOf(statSync(path, { bigint: true }));
  } catch (thrown) {
    return identityWithout(thrown);
  }
}

/** The same, without keeping the process waiting for the disk. */
export async function findIdentity(path: string): Promise<FileIdentity | undefined> {
  try {
    return textOf(await stat(path, { bigint: true }));
  } catch (thrown) {
    return identityWithout(thrown);
  }
}

function textOf({ dev, ino }: BigIntStats): FileIdentity {
  return `${dev}:${ino}`;
}

function identityWithout(thrown: unknown): FileIdentity | undefined {
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  return GONE.has(code) ? "gone" : undefined;
}
