/**
 * Uploads pictures with `node dist/upload.js picture.jpg …`, by default the example's own. The account is the
 * emulator's, unless the environment variable `CONNECTION` has another connection string. Nothing else differs
 * between this machine and Azure.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pictureUploader } from "./upload-picture.ts";

const args = process.argv.slice(2);
const files = args.length > 0 ? args : [new URL("../picture.jpg", import.meta.url).pathname];
const upload = await pictureUploader(process.env["CONNECTION"] ?? "UseDevelopmentStorage=true");
for (const file of files) {
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as they were named
  await upload(basename(file), await readFile(file));
  console.log(`uploaded ${file} as images/${basename(file)}`);
}
