import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LISTENERS, type Listening } from "../support/servers/listeners.ts";
import { observeServerSockets } from "../support/servers/server-sockets.ts";

const HOST = "Host: localhost\r\n";
/** Maximum time for stopping with no request in progress. */
const STOP_MS = 1_000;

let stop: () => Promise<void>;
let clients: Socket[] = [];
const sockets = observeServerSockets();
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await stop();
});

async function start(name: string, answer: () => Promise<string>): Promise<Listening> {
  const listening = await LISTENERS[name]?.({ timeoutMs: 30_000, answer });
  if (listening === undefined) throw new Error(`there is no listener called ${name}`);
  ({ stop } = listening);
  return listening;
}

/** Opens a connection that the server has accepted, and sends a text. */
async function open({ port, tls }: Listening, text: string): Promise<Socket> {
  const options = { host: "127.0.0.1", port, allowHalfOpen: true };
  const client = tls === true ? tlsConnect({ ...options, rejectUnauthorized: false }) : connect(options);
  clients.push(client.on("error", () => {}));
  await once(client, tls === true ? "secureConnect" : "connect");
  await sockets.of(client);
  if (text !== "") client.write(text);
  return client;
}

/** Resolves with the received data once it contains a text. */
async function readUntil(client: Socket, expected: string): Promise<string> {
  let text = "";
  while (!text.includes(expected)) {
    const [chunk] = (await once(client, "data")) as [Buffer];
    text += chunk.toString();
  }
  return text;
}

describe.each(Object.keys(LISTENERS))("%s", (name) => {
  it("[EG-HTTP-STOPPING] stops within a second with idle and unfinished connections", async () => {
    const listening = await start(name, () => Promise.resolve("fine"));
    const { answered, taken, refused } = listening;
    const kept = await open(listening, `${answered}${HOST}\r\n`);
    expect(await readUntil(kept, "fine")).not.toMatch(/^connection: close/im);
    const unread = await open(listening, `${refused}${HOST}Content-Length: 100\r\n\r\n`);
    await readUntil(unread, "\r\n\r\n");
    await open(listening, "");
    await open(listening, taken);
    await open(listening, `${taken}${HOST}Content-Length: 100\r\n\r\n[`);
    const begun = performance.now();
    await listening.close();
    expect(performance.now() - begun).toBeLessThan(STOP_MS);
    expect(sockets.openAt(listening.port)).toBe(0);
  });

  it("[EG-HTTP-STOPPING] responds to the request in progress, announces the end of the connection, and accepts no other request", async () => {
    let release: ((text: string) => void) | undefined;
    const held = new Promise<string>((resolve) => (release = resolve));
    let ask: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const listening = await start(name, () => (ask?.(), held));
    const client = await open(listening, `${listening.answered}${HOST}\r\n`);
    await asked;
    const closing = listening.close();
    await expect(once(connect(listening.port, "127.0.0.1"), "close")).rejects.toThrow("ECONNREFUSED");
    release?.("fine");
    const answer = await readUntil(client, "fine");
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/^connection: close\r$/im);
    const begun = performance.now();
    await closing;
    expect(performance.now() - begun).toBeLessThan(STOP_MS);
  });

  it("[EG-HTTP-PIPELINED] serves a request after the response to the one before, even if its body has arrived", async () => {
    const asked: ((text: string) => void)[] = [];
    const listening = await start(name, () => new Promise((answer) => asked.push(answer)));
    const { answered, taken } = listening;
    const body = `${HOST}Content-Length: 2\r\n\r\n[]`;
    const client = await open(listening, `${answered}${HOST}\r\n${answered}${HOST}\r\n${taken}${body}`);
    await vi.waitUntil(() => asked.length === 1);
    asked[0]?.("first");
    await readUntil(client, "first");
    await vi.waitUntil(() => asked.length === 2);
    asked[1]?.("second");
    await readUntil(client, "second");
    // The functions host sends its own response to a request with a body, too.
    await vi.waitUntil(() => asked.length === (name === "the functions host" ? 3 : 2));
    asked[2]?.("third");
  });

  it("[EG-HTTP-PIPELINED] has no request in progress after a client that pipelined many requests has disconnected", async () => {
    const asked: ((text: string) => void)[] = [];
    const listening = await start(name, () => new Promise((answer) => asked.push(answer)));
    const client = await open(listening, `${listening.answered}${HOST}\r\n`.repeat(50));
    await vi.waitUntil(() => asked.length === 1);
    client.destroy();
    await vi.waitUntil(() => sockets.openAt(listening.port) === 0);
    asked[0]?.("too late");
    const begun = performance.now();
    await listening.close();
    expect(performance.now() - begun).toBeLessThan(STOP_MS);
    expect(asked).toHaveLength(1);
  });

  it("[EG-HTTP-STOPPING] responds with 503 to a request that arrives while it stops", async () => {
    let release: ((text: string) => void) | undefined;
    const held = new Promise<string>((resolve) => (release = resolve));
    let ask: (() => void) | undefined;
    const asked = new Promise<void>((resolve) => (ask = resolve));
    const listening = await start(name, () => (ask?.(), held));
    await open(listening, `${listening.answered}${HOST}\r\n`);
    await asked;
    const late = await open(listening, `${listening.answered}Host: local`);
    // The server has received all of that once it has responded to a later request.
    await readUntil(await open(listening, `${listening.refused}${HOST}Content-Length: 0\r\n\r\n`), "\r\n\r\n");
    const closing = listening.close();
    late.write("host\r\n\r\n");
    const answer = await readUntil(late, "\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toMatch(/^retry-after: 1\r$/im);
    expect(answer).toMatch(/^connection: close\r$/im);
    release?.("fine");
    await closing;
  });
});
