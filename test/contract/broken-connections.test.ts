import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as tlsConnect } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LISTENERS, type Listening } from "../support/servers/listeners.ts";
import { observeServerSockets, type ServerSockets } from "../support/servers/server-sockets.ts";

const TIMEOUT_MS = 1_000;
/** Time in which every broken connection must be destroyed. */
const ALLOWED_MS: number = TIMEOUT_MS + 2_000;
/** More bytes than all buffers between a server and a client can hold. */
const LARGE_BYTES = 16 * 1_048_576;

let sockets: ServerSockets;
const listening = new Map<string, Listening>();

beforeAll(async () => {
  sockets = observeServerSockets();
  const text = "x".repeat(LARGE_BYTES);
  for (const [name, start] of Object.entries(LISTENERS)) {
    listening.set(name, await start({ timeoutMs: TIMEOUT_MS, answer: () => Promise.resolve(text) }));
  }
});
afterAll(async () => {
  for (const { stop } of listening.values()) await stop();
  sockets.close();
});

/** Returns the listener with a name. */
function named(name: string): Listening {
  return listening.get(name) as Listening;
}

/** A way to break off a request. The client never closes its side and sends nothing except the texts here. */
interface Way {
  readonly name: string;
  /** @returns the text to send at once, and the text to send in every tenth of the time limit after that */
  readonly send: (target: Listening) => { readonly first: string; readonly again?: string };
  /** True if the client reads nothing. */
  readonly deaf?: boolean;
  /** True if the body never pauses, which is allowed for streamed bodies. */
  readonly moves?: boolean;
}

const HOST = "Host: localhost\r\n";
const ways: readonly Way[] = [
  { name: "says nothing", send: () => ({ first: "" }) },
  { name: "stops in the middle of the head", send: ({ taken }) => ({ first: taken }) },
  { name: "never ends its head, a byte at a time", send: ({ taken }) => ({ first: `${taken}x-`, again: "x" }) },
  { name: "never ends its head, a header at a time", send: ({ taken }) => ({ first: taken, again: "x: y\r\n" }) },
  {
    name: "stops in the middle of the body",
    send: ({ taken }) => ({ first: `${taken}${HOST}Content-Length: 100\r\n\r\n[` }),
  },
  {
    name: "stops in the middle of a chunk",
    send: ({ taken }) => ({ first: `${taken}${HOST}Transfer-Encoding: chunked\r\n\r\n64\r\n[` }),
  },
  {
    name: "never ends its body, a byte at a time",
    send: ({ taken }) => ({ first: `${taken}${HOST}Content-Length: 100000\r\n\r\n`, again: " " }),
    moves: true,
  },
  {
    name: "is refused and sends no body",
    send: ({ refused }) => ({ first: `${refused}${HOST}Content-Length: 100\r\n\r\n` }),
  },
  {
    name: "is refused and goes on with its body, a byte at a time",
    send: ({ refused }) => ({ first: `${refused}${HOST}Content-Length: 100000\r\n\r\n`, again: " " }),
  },
  { name: "never reads the answer", send: ({ answered }) => ({ first: `${answered}${HOST}\r\n` }), deaf: true },
  {
    name: "never reads the answer, and goes on sending requests",
    send: ({ answered }) => ({ first: `${answered}${HOST}\r\n`, again: `${answered}${HOST}\r\n` }),
    deaf: true,
  },
  {
    name: "never reads the answer, and asked for the connection to be closed",
    send: ({ answered }) => ({ first: `${answered}${HOST}Connection: close\r\n\r\n` }),
    deaf: true,
  },
  {
    name: "asks for the connection to be closed, and leaves it open",
    send: ({ refused }) => ({ first: `${refused}${HOST}Connection: close\r\nContent-Length: 0\r\n\r\n` }),
  },
  { name: "sends invalid HTTP", send: () => ({ first: "nonsense\r\n\r\n" }) },
  { name: "keeps sending invalid HTTP", send: () => ({ first: "nonsense\r\n\r\n", again: "nonsense\r\n" }) },
  { name: "names no host", send: ({ taken }) => ({ first: `${taken}Content-Length: 100\r\n\r\n`, again: " " }) },
  { name: "asks for a tunnel", send: () => ({ first: `CONNECT a:1 HTTP/1.1\r\n${HOST}\r\n`, again: "x" }) },
  {
    name: "has an invalid expectation",
    send: ({ taken }) => ({ first: `${taken}${HOST}Expect: miracles\r\nContent-Length: 9\r\n\r\n` }),
  },
  {
    name: "uses a coding that is not known",
    send: ({ taken }) => ({ first: `${taken}${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n`, again: "1\r\nx\r\n" }),
  },
];

async function openClient({ port, tls }: Listening): Promise<{ readonly client: Socket; readonly server: Socket }> {
  const options = { host: "127.0.0.1", port, allowHalfOpen: true };
  const client = tls === true ? tlsConnect({ ...options, rejectUnauthorized: false }) : connect(options);
  client.on("error", () => {});
  await once(client, tls === true ? "secureConnect" : "connect");
  return { client, server: await sockets.of(client) };
}

/** Resolves when a socket is closed, with or without an error. */
function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

/**
 * Resolves with whether a connection is closed before its server has made no progress for longer than it may keep
 * it. Measures with timers like the server's: on a busy machine both are late, and a response takes a while to fill
 * the buffers on its way.
 */
async function endsInTime(server: Socket): Promise<boolean> {
  let taken = 0;
  let since = performance.now();
  while (!server.closed) {
    if (performance.now() - since > ALLOWED_MS) return false;
    await new Promise((resolve) => setTimeout(resolve, TIMEOUT_MS / 20));
    const now = server.bytesWritten - server.writableLength;
    if (now !== taken) since = performance.now();
    taken = now;
  }
  return true;
}

interface OpenClient {
  readonly client: Socket;
  /** The server's side of the connection. */
  readonly server: Socket;
}

/** Breaks off a request. Resolves with whether the server has destroyed the connection in time. */
async function breakOff({ client, server }: OpenClient, target: Listening, { send, deaf }: Way): Promise<boolean> {
  const { first, again } = send(target);
  client.write(first);
  if (deaf === true) client.pause();
  else client.resume();
  const writing = again === undefined ? undefined : setInterval(() => client.write(again), TIMEOUT_MS / 10);
  const inTime = await endsInTime(server);
  clearInterval(writing);
  client.destroy();
  return inTime;
}

/** Returns the ways after which the server keeps the connection too long. */
async function tooLate(target: Listening, broken: readonly Way[]): Promise<string[]> {
  const clients: (readonly [Way, OpenClient])[] = [];
  for (const way of broken) clients.push([way, await openClient(target)]);
  const ended = await Promise.all(
    clients.map(async ([way, client]) => [way.name, await breakOff(client, target, way)] as const),
  );
  return ended.filter(([, inTime]) => !inTime).map(([name]) => name);
}

describe.each(Object.keys(LISTENERS))("%s", (name) => {
  it("[EG-HTTP-TIME] destroys the connections of clients that break off a request in any way", async () => {
    const broken = ways.filter(({ moves }) => moves !== true || name !== "the storage proxy");
    expect(await tooLate(named(name), broken)).toEqual([]);
  });

  it("keeps no connection of clients that disconnect at any point", async () => {
    for (const { send } of ways) {
      const { client, server } = await openClient(named(name));
      const closed = closeOf(server);
      // Node cannot reset the socket under TLS, so it is destroyed.
      const leave = (): unknown => (named(name).tls === true ? client.destroy() : client.resetAndDestroy());
      client.write(send(named(name)).first, leave);
      await closed;
    }
    expect(sockets.openAt(named(name).port)).toBe(0);
  });
});

describe.each([["the main port"], ["a topic's own port"]])("%s", (name) => {
  it("destroys the connections of clients that do not complete their TLS handshake", async () => {
    const hello = "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003";
    const broken = [
      { name: "stops", send: () => ({ first: hello }) },
      { name: "goes on, a byte at a time", send: () => ({ first: hello, again: "\u0000" }) },
    ];
    expect(await tooLate(named(name), broken)).toEqual([]);
  });
});

describe("a streamed body", () => {
  it("[EG-HTTP-TIME] may take longer than the time limit while it progresses", async () => {
    const target = named("the storage proxy");
    const { client } = await openClient(target);
    const start = performance.now();
    let answer = "";
    client.on("data", (chunk: Buffer) => (answer += chunk.toString()));
    client.write(`${target.taken}${HOST}Content-Length: 40\r\n\r\n`);
    let sent = 0;
    await new Promise<void>((resolve) => {
      const writing = setInterval(() => {
        client.write("x");
        sent += 1;
        if (sent < 40) return;
        clearInterval(writing);
        resolve();
      }, TIMEOUT_MS / 10);
    });
    if (answer === "") await once(client, "data");
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(performance.now() - start).toBeGreaterThan(3 * TIMEOUT_MS);
    client.destroy();
  });
});
