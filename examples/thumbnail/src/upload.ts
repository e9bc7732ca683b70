/**
 * Uploads pictures: `node dist/upload.js picture.jpg …`. The account is the emulator's, unless the environment variable
 * `CONNECTION` holds another one's connection string; nothing else changes between here and Azure.
 */
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pictureUploader } from "./upload-picture.ts";

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node dist/upload.js <picture> …");
  process.exit(1);
}
const upload = await pictureUploader(process.env["CONNECTION"] ?? "UseDevelopmentStorage=true");
for (const file of files) {
  // oxlint-disable-next-line no-await-in-loop -- one after the other, as they were named
  await upload(basename(file), await readFile(file));
  console.log(`uploaded ${file} as images/${basename(file)}`);
}
