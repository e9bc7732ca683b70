/**
 * Publishes at a rate and measures the time of each response from the sending of its request.
 *
 * Argument: a `Load` with a rate as JSON. Prints `ready`. A line with `seconds` starts it, and gets a reply at the end.
 */
import { Agent, request } from "node:http";
import type { Load } from "../load/load.ts";
import { requestBodies } from "../load/request-bodies.ts";
import { numberIn, readLines, writeLine, type Line } from "./lines.ts";

const load = JSON.parse(process.argv[2] ?? "{}") as Load;
const [body = ""] = requestBodies(load);
const agent = new Agent({ keepAlive: true, maxSockets: load.connections });

/** Resolves with the milliseconds until the response has arrived completely. Rejects for a status other than 200. */
function publish(): Promise<number> {
  return new Promise((resolve, reject) => {
    const sentAt = performance.now();
    const headers = { ...load.headers, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    request({ agent, host: "127.0.0.1", port: load.port, path: load.path, method: "POST", headers }, (response) => {
      response.resume();
      response.once("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - sentAt);
        else reject(new Error(`a response had status ${String(response.statusCode)}`));
      });
    })
      .once("error", reject)
      .end(body);
  });
}

async function run(seconds: number): Promise<Line> {
  const { rate = 1 } = load;
  const startedAt = performance.now();
  const responses: Promise<number>[] = [];
  for (;;) {
    const elapsed = performance.now() - startedAt;
    if (elapsed >= seconds * 1_000) break;
    // Sends one request per turn: late requests must not wait for each other.
    if (elapsed * rate >= responses.length * 1_000) responses.push(publish());
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const latencies = (await Promise.all(responses)).toSorted((one, other) => one - other);
  const quantile = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN;
  return { requests: latencies.length, p50Ms: quantile(0.5), p99Ms: quantile(0.99), longestMs: quantile(1) };
}

readLines((line) => {
  void run(numberIn(line, "seconds")).then((result) => writeLine({ ...result, replyTo: line["replyTo"] }));
});
writeLine({ event: "ready" });
