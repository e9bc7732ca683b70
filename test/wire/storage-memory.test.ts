import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage } from "node:http";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { expect, it } from "vitest";

const MIB = 1024 * 1024;
const UPLOAD_MIB = 1024;

/** A program that runs the proxy alone. Prints its port, and its peak of resident memory on each request. */
const program = (upstreamPort: number): string => `
  import { createStorageSource } from ${JSON.stringify(new URL("../../dist/sources/storage/storage-source.js", import.meta.url).href)};
  const logger = { debug() {}, info() {}, warn() {}, error() {}, child: () => logger };
  const source = createStorageSource({
    upstream: { host: "127.0.0.1", port: ${upstreamPort} },
    listen: { host: "127.0.0.1", port: 0 },
    clock: { now: () => Date.now(), sleepUntil: () => new Promise(() => {}) },
    random: { next: () => 0, uuid: () => crypto.randomUUID(), secretBytes: (n) => crypto.getRandomValues(new Uint8Array(n)) },
    logger,
  });
  let events = 0;
  await source.start({ publishSystemEvents: async (_, published) => { events += published.length; } });
  source.watch({ name: "acc", key: "a2V5", sourceId: "/s", urlForm: "production" });
  console.log(source.address.port);
  process.stdin.on("data", () => console.log(JSON.stringify({ peakKiB: process.resourceUsage().maxRSS, events })));
`;

async function upload(port: number, sizeMib: number): Promise<number | undefined> {
  const chunk = Buffer.alloc(MIB, 1);
  const headers = { "x-ms-blob-type": "BlockBlob", "content-length": sizeMib * MIB };
  const call = httpRequest({ host: "127.0.0.1", port, method: "PUT", path: "/acc/c/large", headers });
  const answered = once(call, "response");
  await pipeline(
    Readable.from(
      (function* () {
        for (let sent = 0; sent < sizeMib; sent += 1) yield chunk;
      })(),
    ),
    call,
  );
  const [answer] = (await answered) as [IncomingMessage];
  answer.resume();
  return answer.statusCode;
}

it("[EG-STORAGE-PROXY] streams a gibibyte with less than 64 MiB of memory", async () => {
  let received = 0;
  const upstream = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => (received += chunk.length));
    request.on("end", () => response.writeHead(201).end());
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const address = upstream.address();
  const upstreamPort = address !== null && typeof address === "object" ? address.port : 0;
  const proxy = spawn(process.execPath, ["--input-type=module", "-e", program(upstreamPort)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface({ input: proxy.stdout })[Symbol.asyncIterator]();
    const next = async (): Promise<string> => String((await lines.next()).value);
    const measure = async (): Promise<{ readonly peakKiB: number; readonly events: number }> => {
      proxy.stdin.write("?");
      return JSON.parse(await next()) as { readonly peakKiB: number; readonly events: number };
    };
    const port = Number(await next());
    // A small call first, so that the program's own memory is not counted for the upload.
    expect(await upload(port, 1)).toBe(201);
    const before = await measure();
    expect(await upload(port, UPLOAD_MIB)).toBe(201);
    const after = await measure();
    expect(received).toBe((UPLOAD_MIB + 1) * MIB);
    expect(after.events).toBe(2);
    const grownMib = (after.peakKiB - before.peakKiB) / 1024;
    console.log(`proxy grew by ${grownMib.toFixed(1)} MiB`);
    expect(grownMib).toBeLessThan(64);
  } finally {
    proxy.kill();
    upstream.closeAllConnections();
    upstream.close();
  }
});
