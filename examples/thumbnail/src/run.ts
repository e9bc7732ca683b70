/**
 * Runs the whole workflow on one machine: starts Ringmain with Azurite and the function app, uploads one picture
 * and then twenty more, and checks the thumbnails. Exits with 0 if all of them are correct, otherwise with 1.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobServiceClient } from "@azure/storage-blob";
import sharp from "sharp";
import { startRingmain, type RingmainProcess } from "./ringmain-process.ts";
import { pictureUploader } from "./upload-picture.ts";

const UPLOADS = 20;
const TARGET_MS = 25;
const example = new URL("../", import.meta.url).pathname;

/** Times of one picture in milliseconds since its upload was sent. */
interface Timing {
  readonly answered: number;
  readonly raised: number;
  readonly invoked: number;
  readonly written: number;
}

const began = performance.now();
const data = await mkdtemp(join(tmpdir(), "ringmain-thumbnail-"));
let ringmain: RingmainProcess | undefined;
try {
  say("starting ringmain with Azurite and the function app");
  const config = await configWithFreePort();
  ringmain = await startRingmain(["--config", config, "--azurite", "--port", "0", "--data", join(data, "data")]);
  say(`ready at ${ringmain.http}`);
  process.exitCode = (await runWorkflow(ringmain)) ? 0 : 1;
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = 1;
} finally {
  await ringmain?.stop();
  await rm(data, { recursive: true, force: true });
}

async function runWorkflow(running: RingmainProcess): Promise<boolean> {
  const picture = await readFile(join(example, "picture.jpg"));
  const upload = await pictureUploader(running.connectionString);
  const timeOf = async (name: string): Promise<Timing> => {
    const sentAt = now();
    await upload(name, picture);
    const answeredAt = now();
    const invoked = await running.step("invoked", name);
    const written = await running.step("written", name);
    return {
      answered: answeredAt - sentAt,
      raised: invoked.raisedAt - sentAt,
      invoked: invoked.at - sentAt,
      written: written.at - sentAt,
    };
  };

  say(`one picture, images/first.jpg (${picture.length} bytes), with everything still cold`);
  const first = await timeOf("first.jpg");
  console.log(`            upload sent           0.0 ms`);
  console.log(`            blob event raised  ${inMs(first.raised)}`);
  console.log(`            upload answered    ${inMs(first.answered)}`);
  console.log(`            function invoked   ${inMs(first.invoked)}`);
  console.log(`            thumbnail written  ${inMs(first.written)}`);

  say(`${UPLOADS} more, one after the other; milliseconds since each upload was sent`);
  console.log("            picture             raised  answered   invoked   written");
  const timings: Timing[] = [];
  for (let number = 1; number <= UPLOADS; number += 1) {
    const name = `picture-${String(number).padStart(2, "0")}.jpg`;
    // oxlint-disable-next-line no-await-in-loop -- each is measured by itself
    const timing = await timeOf(name);
    timings.push(timing);
    const columns = [timing.raised, timing.answered, timing.invoked, timing.written].map((ms) =>
      ms.toFixed(1).padStart(10),
    );
    console.log(`            ${name.padEnd(16)}${columns.join("")}`);
  }

  say("waiting until every event is delivered");
  const quiet = await fetch(`${running.http}/ringmain/quiesce`);
  if (!quiet.ok) throw new Error(`/ringmain/quiesce answered ${quiet.status}`);
  const complete = await checkThumbnails(running.connectionString, UPLOADS + 1);
  const fromSent = median(timings.map(({ invoked }) => invoked));
  const fromAnswered = median(timings.map(({ invoked, answered }) => invoked - answered));
  say(`median time over ${UPLOADS} uploads`);
  console.log(`            from the upload being sent to the function running      ${inMs(fromSent)}`);
  console.log(`            from the upload being answered to the function running  ${inMs(fromAnswered)}`);
  const verdict = fromSent < TARGET_MS ? "met" : "missed";
  console.log(`            target, from being sent: below ${TARGET_MS} ms: ${verdict}`);
  return complete;
}

/**
 * Checks every thumbnail: there must be one for each picture, none of a thumbnail, and each must be an image of 128
 * by 128.
 */
async function checkThumbnails(connectionString: string, expected: number): Promise<boolean> {
  const container = BlobServiceClient.fromConnectionString(connectionString).getContainerClient("thumbnails");
  let good = 0;
  let all = 0;
  for await (const { name } of container.listBlobsFlat()) {
    all += 1;
    const { width, height, format } = await sharp(await container.getBlobClient(name).downloadToBuffer()).metadata();
    if (width === 128 && height === 128 && format === "jpeg") good += 1;
    else console.error(`            thumbnails/${name} is ${format} of ${width} by ${height}`);
  }
  say(`${good} of ${expected} thumbnails are JPEG images of 128 by 128; the container holds ${all} blobs`);
  return good === expected && all === expected;
}

/**
 * Writes the example's configuration with any free port for blobs, so that it can run next to an Azurite that uses
 * 10000.
 */
async function configWithFreePort(): Promise<string> {
  const config = JSON.parse(await readFile(join(example, "ringmain.config.json"), "utf8")) as {
    functionApps: { path: string }[];
    storageAccounts: { blobPort: number }[];
  };
  for (const functionApp of config.functionApps) functionApp.path = join(example, functionApp.path);
  for (const account of config.storageAccounts) account.blobPort = 0;
  const file = join(data, "ringmain.config.json");
  await writeFile(file, JSON.stringify(config));
  return file;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function say(text: string): void {
  console.log(`${((performance.now() - began) / 1000).toFixed(2).padStart(7)} s   ${text}`);
}

function inMs(milliseconds: number): string {
  return `${milliseconds.toFixed(1).padStart(6)} ms`;
}

/** Returns the milliseconds since 1970 with a higher resolution than `Date.now()`, comparable with the function's. */
function now(): number {
  return performance.timeOrigin + performance.now();
}
