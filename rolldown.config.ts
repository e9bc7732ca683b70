import { readFile } from "node:fs/promises";
import { defineConfig } from "rolldown";

/** Libraries that come into the bundle, as every start needs them: see docs/decisions/0010-one-bundle.md. */
const INCLUDED = ["commander", "zod"];

const COMMON = {
  platform: "node",
  transform: { target: "node20.19" },
  external: (id: string) => /^[^./]/.test(id) && !INCLUDED.includes(id),
} as const;

/** What the package exports and runs, in a few files instead of several hundred. */
const program = defineConfig({
  ...COMMON,
  input: {
    "cli/main": "src/cli/main.ts",
    "app/index": "src/app/index.ts",
    "testing/index": "src/testing/index.ts",
  },
  plugins: [
    {
      name: "licenses",
      async buildStart() {
        for (const name of INCLUDED) {
          const source = await readFile(new URL(`node_modules/${name}/LICENSE`, import.meta.url), "utf8");
          this.emitFile({ type: "asset", fileName: `LICENSE.${name}`, source });
        }
      },
    },
  ],
  output: {
    dir: "bundle",
    cleanDir: true,
    sourcemap: true,
    entryFileNames: "[name].js",
    // As deep as the sources' layers, so that what is beside them is found from here too.
    chunkFileNames: "chunks/[name].js",
    // What nearly everything needs comes in one piece. Of less than four sharers, `--version` would load the server too.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 4 }] },
  },
});

/** What runs in threads of its own, which load nothing that they do not need. */
const thread = defineConfig({
  ...COMMON,
  input: { "template-threads/thread": "src/template-threads/thread.ts" },
  output: { dir: "bundle", sourcemap: true, entryFileNames: "[name].js" },
});

// In this order: the first one empties the folder.
export default [program, thread];
