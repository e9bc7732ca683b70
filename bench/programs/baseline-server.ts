/**
 * The baselines: servers that accept the same requests as the product and do the minimum that is comparable with it.
 *
 * - `bare`: reads and parses the request, then responds with 200.
 * - `log <file>`: like bare, but appends the body to a file and flushes it before the response.
 * - `relay <file> <url>`: like bare, but forwards the request to the receiver before it responds; stores nothing.
 * - `log relay <file> <url>`: appends and flushes like log, responds, and then forwards the request to the receiver.
 */
import { open } from "node:fs/promises";
import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { readLines, writeLine } from "./lines.ts";

type Handle = (body: Buffer) => Promise<void> | undefined;

const CONNECTIONS = 64;
const [kind = "bare", file = "", url = ""] = process.argv.slice(2);

/** Returns a function that appends bodies to a file. Concurrent calls share a flush. */
async function appender(): Promise<(body: Buffer) => Promise<void>> {
  const log = await open(file, "w");
  let waiting: { readonly body: Buffer; readonly done: () => void }[] = [];
  let flushing = false;
  const flush = async (): Promise<void> => {
    flushing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await log.write(Buffer.concat(group.map(({ body }) => body)));
      await log.datasync();
      for (const { done } of group) done();
    }
    flushing = false;
  };
  return (body) =>
    new Promise((done) => {
      waiting.push({ body, done });
      if (!flushing) void flush();
    });
}

/** Returns a function that sends bodies to the receiver, over as many connections as the load has. */
function forwarder(): (body: Buffer) => Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": body.length };
      const outgoing = httpRequest(url, { method: "POST", agent, headers }, (response) => {
        response.resume();
        response.on("end", resolve);
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

async function handler(): Promise<Handle> {
  switch (kind) {
    case "bare":
      return () => undefined;
    case "log":
      return appender();
    case "relay":
      return forwarder();
    case "log relay": {
      const append = await appender();
      const forward = forwarder();
      return async (body) => {
        await append(body);
        // A failure to forward a request ends the process, and with it the measurement.
        void forward(body);
      };
    }
    default:
      throw new Error(`no baseline '${kind}'`);
  }
}

const handle = await handler();

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks);
    JSON.parse(body.toString());
    const handled = handle(body);
    if (handled === undefined) response.end();
    else handled.then(() => response.end()).catch(() => response.writeHead(502).end());
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => writeLine({ event: "ready", port: (server.address() as AddressInfo).port }));
readLines(() => {});
