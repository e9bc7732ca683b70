import { readFile } from "node:fs/promises";
import { defineConfig } from "rolldown";

/** Libraries that are part of the bundle because every start needs them. See docs/decisions/0010-one-bundle.md. */
const INCLUDED = ["commander", "zod"];

const COMMON = {
  platform: "node",
  transform: { target: "node20.19" },
  external: (id: string) => /^[^./]/.test(id) && !INCLUDED.includes(id),
} as const;

/** The package's exports and command, in a few files instead of several hundred. */
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
    // At the same depth as the layers of the sources, so that relative paths to other files stay valid.
    chunkFileNames: "chunks/[name].js",
    // Code that nearly every entry needs is in one chunk. With a lower count, `--version` would load the server,
    // too.
    codeSplitting: { groups: [{ name: "shared", minShareCount: 4 }] },
  },
});

/** The program of template threads, which should load only what they need. */
const thread = defineConfig({
  ...COMMON,
  input: { "template-threads/thread": "src/template-threads/thread.ts" },
  output: { dir: "bundle", sourcemap: true, entryFileNames: "[name].js" },
});

// The order matters: the first configuration empties the folder.
export default [program, thread];
