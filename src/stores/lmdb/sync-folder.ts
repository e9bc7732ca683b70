import { closeSync, fsyncSync, openSync } from "node:fs";

/** Makes durable what was made, renamed or removed in a folder, where the system can do that. */
export function syncFolder(path: string): void {
  let folder: number;
  try {
    folder = openSync(path, "r");
  } catch {
    // Windows does not open folders, and needs no such thing.
    return;
  }
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
