import { readFileSync } from "node:fs";

interface Package {
  readonly version: string;
}

/** The version of this build, from its package file. */
export const VERSION: string = (
  JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as Package
).version;
