import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LAYERS } from "../support/layers.ts";

const root = new URL("../../", import.meta.url).pathname;
const names = Object.keys(LAYERS);
const forbidden = names.flatMap((from) =>
  names.filter((to) => to !== from && !LAYERS[from]?.includes(to)).map((to) => [from, to] as const),
);

/** Resolves with the standard output of one of the project's tools, whatever its exit code. */
function run(tool: string, args: readonly string[], folder: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, "node_modules/.bin", tool), ...args],
      { cwd: folder },
      (_error, out, err) => {
        resolve(out + err);
      },
    );
  });
}

/**
 * Uses a copy of the project with its compiler settings, in which every layer has one module with a value, and one
 * module for each import that the layer must not have.
 */
describe("the direction of imports", () => {
  let house: string;

  beforeAll(async () => {
    house = await mkdtemp(join(tmpdir(), "ringmain-layers-"));
    await symlink(join(root, "node_modules"), join(house, "node_modules"));
    for (const file of ["package.json", "tsconfig.base.json"]) {
      await cp(join(root, file), join(house, file));
    }
    for (const name of names) {
      await mkdir(join(house, "src", name), { recursive: true });
      await cp(join(root, "src", name, "tsconfig.json"), join(house, "src", name, "tsconfig.json"));
      await writeFile(join(house, "src", name, "value.ts"), "/** A value. */\nexport const value = 1;\n");
    }
    for (const [from, to] of forbidden) {
      const text = `import { value } from "../${to}/value.ts";\n/** The same. */\nexport const copy: number = value;\n`;
      await writeFile(join(house, "src", from, `from-${to}.ts`), text);
    }
  });

  afterAll(() => rm(house, { recursive: true, force: true }));

  it("is the one in the layers' references", async () => {
    for (const [name, allowed] of Object.entries(LAYERS)) {
      const { references } = JSON.parse(await readFile(join(root, "src", name, "tsconfig.json"), "utf8")) as {
        references: readonly { path: string }[];
      };
      expect(
        references.map(({ path }) => path.replace("../", "")),
        name,
      ).toEqual(allowed);
    }
  });

  it.each(names)("the compiler refuses the imports that %s must not have", async (name) => {
    const output = await run("tsc", ["-p", join("src", name), "--noEmit", "--pretty", "false"], house);
    for (const [from, to] of forbidden.filter((pair) => pair[0] === name)) {
      expect(output).toContain(`src/${from}/from-${to}.ts`);
    }
  });
});
