import { statSync, type BigIntStats } from "node:fs";
import { stat } from "node:fs/promises";

/** Error codes which mean that a path has no file. Other errors may be temporary and say nothing about the file. */
const GONE: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ESTALE"]);

/** Identity of the file at a path: device and inode. Valid as long as the file exists. `"gone"` if there is none. */
export type FileIdentity = string;

/** Returns the identity of the file at a path; `undefined` if it cannot be determined now. */
export function identityOf(path: string): FileIdentity | undefined {
  try {
    return textOf(statSync(path, { bigint: true }));
  } catch (thrown) {
    return identityWithout(thrown);
  }
}

/** Returns the same as {@link identityOf} without blocking the process. */
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
