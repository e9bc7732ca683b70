import { chmod, mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeFolder } from "./make-folder.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-make-folder-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("makeFolder", () => {
  it("creates missing folders with the given mode, and resolves with the first one created", async () => {
    const path = join(folder, "a", "b", "c");
    expect(await makeFolder(path, 0o700)).toBe(join(folder, "a"));
    for (const created of ["a", "a/b", "a/b/c"]) {
      expect((await stat(join(folder, created))).mode & 0o777).toBe(0o700);
    }
    expect(await makeFolder(path)).toBeUndefined();
    expect(await makeFolder(join(path, "d"))).toBe(join(path, "d"));
  });

  it("resolves when another process creates the same folder at the same time", async () => {
    const path = join(folder, "many", "at", "once");
    const firsts = await Promise.all(Array.from({ length: 20 }, () => makeFolder(path)));
    expect(firsts).toContain(join(folder, "many"));
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it.runIf(process.platform === "linux")("rejects if the file system does not allow subfolders", async () => {
    await expect(makeFolder("/proc/x/y")).rejects.toThrow("cannot create a folder in '/proc'");
    await expect(makeFolder("/proc/x")).rejects.toMatchObject({ name: "FolderError", code: "ENOENT" });
    await expect(makeFolder("/dev/null/x")).rejects.toThrow("'/dev/null' is not a folder");
  });

  it("rejects if a file is in the way, and for a broken link", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await expect(makeFolder(file)).rejects.toThrow(`'${file}' is not a folder`);
    await expect(makeFolder(join(file, "x", "y"))).rejects.toMatchObject({ code: "ENOTDIR" });
    const link = join(folder, "link");
    await symlink(join(folder, "nowhere"), link);
    await expect(makeFolder(join(link, "x"))).rejects.toMatchObject({ name: "FolderError" });
  });

  it.runIf(process.getuid?.() !== 0)("rejects without write permission", async () => {
    const closed = join(folder, "closed");
    await makeFolder(closed);
    await chmod(closed, 0o500);
    await expect(makeFolder(join(closed, "x"))).rejects.toThrow(`no permission to create a folder in '${closed}'`);
  });

  it("rejects an invalid path", async () => {
    await expect(makeFolder(join(folder, "x".repeat(300)))).rejects.toThrow("the path is too long");
    await expect(makeFolder(join(folder, "a\u0000b"))).rejects.toThrow(/null bytes/);
  });
});
