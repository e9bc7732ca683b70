import { readFile } from "node:fs/promises";
import { defineConfig } from "rolldown";

/** The library that comes into the bundle, for most of it is never needed: see docs/decisions/0009-one-bundle.md. */
const INCLUDED = "zod";

/** What the package exports and runs, in a few files instead of several hundred. */
export default defineConfig({
  input: {
    "cli/main": "src/cli/main.ts",
    "app/index": "src/app/index.ts",
    "testing/index": "src/testing/index.ts",
  },
  platform: "node",
  transform: { target: "node20.19" },
  external: (id) => /^[^./]/.test(id) && id !== INCLUDED,
  plugins: [
    {
      name: "license",
      async buildStart() {
        const source = await readFile(new URL(`node_modules/${INCLUDED}/LICENSE`, import.meta.url), "utf8");
        this.emitFile({ type: "asset", fileName: `LICENSE.${INCLUDED}`, source });
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
  },
});
