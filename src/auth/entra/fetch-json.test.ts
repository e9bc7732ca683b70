import { createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { fetchJson, fetchJsonWithin } from "./fetch-json.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  server?.close();
});

/** Serves whatever `respond` writes once a request has begun; returns the address. */
async function serve(respond: (socket: Socket) => void): Promise<string> {
  server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("data", () => respond(socket));
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}/keys`;
}

const EARLY = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const FINAL = 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{"a": 1}\n';

/** Writes again and again, as fast as it is read, until the socket is closed. */
function flood(socket: Socket, text: string): void {
  const write = (): void => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on("drain", write);
  write();
}

describe("[EG-ENTRA-AUTHORITY] what an authority is read of", () => {
  it("is its answer, behind a few informational ones", async () => {
    const url = await serve((socket) => socket.write(EARLY.repeat(16) + FINAL));
    expect(await fetchJson(url)).toEqual({ status: 200, body: { a: 1 } });
  });

  it("ends with the seventeenth informational response", async () => {
    const url = await serve((socket) => flood(socket, EARLY.repeat(100)));
    await expect(fetchJson(url)).rejects.toThrow("more than 16 informational responses");
    expect(await closed()).toBe(true);
  });

  it.each([
    ["with a length", "HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n"],
    ["in chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
  ])("ends where a body %s exceeds 256 KiB", async (how, head) => {
    const url = await serve((socket) => {
      socket.write(head);
      flood(socket, how === "in chunks" ? `1000\r\n${" ".repeat(4_096)}\r\n` : " ".repeat(4_096));
    });
    await expect(fetchJson(url)).rejects.toThrow("longer than 262144 bytes");
    expect(await closed()).toBe(true);
  });

  it.each([
    ["nothing", ""],
    ["half a head", "HTTP/1.1 200 OK\r\nx: "],
    ["half a body", 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'],
  ])("ends in time when %s comes", async (_what, text) => {
    const url = await serve((socket) => socket.write(text));
    await expect(fetchJsonWithin(url, undefined, 50)).rejects.toMatchObject({ name: "TimeoutError" });
    expect(await closed()).toBe(true);
  });
});

/** Resolves once every connection is closed. */
async function closed(): Promise<boolean> {
  const open = [...sockets].filter((socket) => !socket.destroyed);
  await Promise.all(open.map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  return true;
}
