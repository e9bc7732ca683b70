import { readFileSync } from "node:fs";
import { PACKAGE_FOLDER } from "../package-folder.ts";

interface Package {
  readonly version: string;
}

/** Version of this build, from package.json. */
export const VERSION: string = (JSON.parse(readFileSync(new URL("package.json", PACKAGE_FOLDER), "utf8")) as Package)
  .version;
