import { mkdtemp, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openRotatingFile } from "./rotating-file.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ringmain-rotating-"));
});
afterEach(() => rm(folder, { recursive: true }));

const read = (...names: string[]): Promise<string> => readFile(join(folder, ...names), "utf8");

it("appends to an existing file that only its owner can read, in a folder that it creates", async () => {
  const path = join(folder, "logs", "diagnostics.jsonl");
  for (const text of ["first\n", "second\n"]) {
    const file = openRotatingFile(path, 1_000);
    await file.write(text);
    await file.close();
  }
  expect(await read("logs", "diagnostics.jsonl")).toBe("first\nsecond\n");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

it("keeps one previous file, and both within the allowed size", async () => {
  const file = openRotatingFile(join(folder, "log"), 20);
  for (const text of ["one------\n", "two------\n", "three----\n", "four-----\n", "five-----\n"])
    await file.write(text);
  await file.close();
  expect(await readdir(folder)).toEqual(["log", "log.1"]);
  expect(await read("log.1")).toBe("three----\nfour-----\n");
  expect(await read("log")).toBe("five-----\n");
});

it("includes the file's size before it was opened", async () => {
  for (const text of ["one------\n", "two------\n", "three----\n"]) {
    const file = openRotatingFile(join(folder, "log"), 20);
    await file.write(text);
    await file.close();
  }
  expect(await read("log")).toBe("three----\n");
});

it("works again once the reason of a failed write is removed", async () => {
  const file = openRotatingFile(join(folder, "file", "log"), 20);
  const blocker = openRotatingFile(join(folder, "file"), 20);
  await blocker.write("x\n");
  await blocker.close();
  await expect(file.write("lost\n")).rejects.toThrow("is not a folder");
  await rm(join(folder, "file"));
  await file.write("kept\n");
  await file.close();
  expect(await read("file", "log")).toBe("kept\n");
});
