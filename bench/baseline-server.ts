/**
 * The baselines. Argument `bare`: reads and parses the request, answers 200. `relay <url>`: the same, and answers once
 * it has forwarded the request to the receiver and been answered, storing nothing. `log <file>`: the same as bare,
 * with the body appended to a file and flushed before the answer, concurrent requests sharing a flush.
 */
import { open } from "node:fs/promises";
import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { hear, say } from "./process.ts";

type Handle = (body: Buffer) => Promise<void> | undefined;

const [kind = "bare", argument = ""] = process.argv.slice(2);

function relay(url: string): Handle {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  return (body) =>
    new Promise((resolve, reject) => {
      const headers = { "content-type": "application/json", "content-length": body.length };
      const outgoing = httpRequest(url, { method: "POST", agent, headers }, (response) => {
        response.resume();
        response.on("end", () => resolve());
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
}

async function log(path: string): Promise<Handle> {
  const file = await open(path, "w");
  let waiting: { readonly body: Buffer; readonly done: () => void }[] = [];
  let flushing = false;
  const flush = async (): Promise<void> => {
    flushing = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await file.write(Buffer.concat(group.map(({ body }) => body)));
      await file.datasync();
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

const handle: Handle = kind === "relay" ? relay(argument) : kind === "log" ? await log(argument) : () => undefined;

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
server.listen(0, "127.0.0.1", () => say({ event: "ready", port: (server.address() as AddressInfo).port }));
hear(() => {});
