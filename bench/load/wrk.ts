import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { exitOf, spawnPiped } from "../servers/child-process.ts";
import { CHECKOUT, makeFolder } from "../servers/workspace.ts";
import type { Amount, Load, LoadResult } from "./load.ts";
import { requestBodies } from "./request-bodies.ts";
import { parseWrkOutput, parseWrkVersion } from "./wrk-output.ts";

const SCRIPT = join(CHECKOUT, "bench/load/publish.lua");
/** More requests than any load sends. */
const NO_LIMIT = 1e15;
/** Maximum seconds for a number of requests, and for one request. */
const LONGEST_LOAD_SECONDS = 600;
const LONGEST_REQUEST_SECONDS = 30;

let version: Promise<string | undefined> | undefined;

/** Resolves with the version of the `wrk` on the path, or with `undefined`. */
export function findWrk(): Promise<string | undefined> {
  version ??= new Promise((resolve) => {
    const child = spawn("wrk", ["-v"], { stdio: ["ignore", "pipe", "ignore"] });
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.once("error", () => resolve(undefined));
    child.once("close", () => resolve(parseWrkVersion(text)));
  });
  return version;
}

const bodiesFiles = new Map<string, Promise<string>>();

/** Resolves with a file of request bodies, one per line. Loads that differ only in the port share it. */
function bodiesFile(load: Load): Promise<string> {
  const key = JSON.stringify([load.events, load.eventBytes, load.eventType, load.subject]);
  const known = bodiesFiles.get(key);
  if (known !== undefined) return known;
  const written = makeFolder().then(async (folder) => {
    const file = join(folder, "bodies");
    await writeFile(file, requestBodies(load).join("\n"));
    return file;
  });
  bodiesFiles.set(key, written);
  return written;
}

/** Runs `wrk` with one thread. The duration is rounded to whole seconds, the number of requests is exact. */
export async function runWrk(load: Load, amount: Amount): Promise<LoadResult> {
  const bodies = await bodiesFile(load);
  const limit = "requests" in amount ? amount.requests : NO_LIMIT;
  const seconds = "seconds" in amount ? Math.max(1, Math.round(amount.seconds)) : LONGEST_LOAD_SECONDS;
  const headers = Object.entries({ "content-type": "application/json", ...load.headers });
  const child = spawnPiped("wrk", [
    "--threads=1",
    `--connections=${load.connections}`,
    `--duration=${seconds}s`,
    `--timeout=${LONGEST_REQUEST_SECONDS}s`,
    `--script=${SCRIPT}`,
    ...headers.map(([name, value]) => `--header=${name}: ${value}`),
    `http://127.0.0.1:${load.port}${load.path}`,
    "--",
    bodies,
    String(limit),
    String(load.connections),
  ]);
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => {
    lines.push(line);
    if (line === "answered") child.kill("SIGINT");
  });
  await Promise.all([exitOf(child), new Promise((resolve) => output.once("close", resolve))]);
  const result = parseWrkOutput(lines.join("\n"));
  if (result.failed > 0 || ("requests" in amount && result.requests !== amount.requests)) {
    throw new Error(`not every request was answered with 200:\n${lines.join("\n")}`);
  }
  return {
    requests: result.requests,
    events: result.requests * load.events,
    seconds: result.seconds,
    processorTime: {
      process: "wrk",
      threads: [{ name: "wrk", threads: 1, nanoseconds: result.processorNanoseconds }],
    },
  };
}
