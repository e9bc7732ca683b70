/**
 * Uploads pictures: `node dist/upload.js picture.jpg …`, the example's own when none is named. The account is the emulator's, unless the environment variable
 * `CONNECTION` holds another one's connection string; nothing else changes between here and Azure.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pictureUploader } from "./upload-picture.ts";

const named = process.argv.slice(2);
const files = named.length > 0 ? named : [new URL("../picture.jpg", import.meta.url).pathname];
const upload = await pictureUploader(process.env["CONNECTION"] ?? "UseDevelopmentStorage=true");
for (const file of files) {
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as they were named
  await upload(basename(file), await readFile(file));
  console.log(`uploaded ${file} as images/${basename(file)}`);
}
