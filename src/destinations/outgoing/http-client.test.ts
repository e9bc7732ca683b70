import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { NEVER } from "../../../test/contract/destination-fixtures.ts";
import { answers, neverFinishes, Peer, staysSilent } from "../../../test/contract/destination-peer.ts";
import { HttpClient } from "./http-client.ts";
import type { HttpReply } from "./http-exchange.ts";
import { httpTarget, type HttpTarget } from "./http-target.ts";

const target = (url: string): HttpTarget => {
  const parsed = httpTarget(url);
  if (parsed === undefined) throw new Error(`${url} is no target`);
  return parsed;
};
const clientOf = (connectionsPerOrigin: number): HttpClient =>
  new HttpClient({ addressPolicy: "any", connectionsPerOrigin, timeoutMs: 30_000 });

describe("httpTarget", () => {
  it.each([
    ["http://h/p?q#f", { origin: "http://h", path: "/p?q", shown: "http://h/p" }],
    ["https://user:word@h:8443", { origin: "https://h:8443", path: "/", shown: "https://h:8443/" }],
    ["ftp://h/", undefined],
    ["no url", undefined],
  ])("parses %s", (url, expected) => {
    expect(httpTarget(url)).toEqual(expected);
  });
});

describe("HttpClient", () => {
  let peer: Peer;
  let client: HttpClient;
  afterEach(async () => {
    await client.close();
    await peer.stop();
  });
  const post = async (path = "/", keepBytes = 0) =>
    client.send({ target: target(peer.origin + path), method: "POST", headers: [], keepBytes }, NEVER);

  it("keeps only the requested number of bytes of a response", async () => {
    client = clientOf(1);
    peer = await Peer.start(answers(200, {}, "0123456789"));
    expect(await post("/", 4)).toMatchObject({ kind: "answered", status: 200, body: Buffer.from("0123") });
    expect(await post("/", 0)).toMatchObject({ body: Buffer.alloc(0) });
    expect(await post("/", 99)).toMatchObject({ body: Buffer.from("0123456789") });
  });

  it("limits the connections to an origin, and sends all waiting requests", async () => {
    client = clientOf(2);
    const ports = new Set<number | undefined>();
    let held: ServerResponse[] = [];
    peer = await Peer.start((response) => {
      ports.add(response.socket?.remotePort);
      held.push(response);
      // The server responds to pairs of requests only, so both connections are in use at the same time.
      if (held.length < 2) return;
      for (const one of held) one.end();
      held = [];
    });
    const replies = await Promise.all(Array.from({ length: 30 }, async () => post()));
    expect(replies.every((reply) => reply.kind === "answered")).toBe(true);
    expect(ports.size).toBe(2);
  });

  it.each([
    ["begins", staysSilent],
    ["ends", neverFinishes(200)],
  ])("gives up a response that never %s, and its connection [EG-DELIVERY-TIMEOUT]", async (_name, behaviour) => {
    client = new HttpClient({ addressPolicy: "any", connectionsPerOrigin: 1, timeoutMs: 60 });
    peer = await Peer.start(behaviour);
    const cutOff = new Promise<void>((resolve) => {
      peer.behaviour = (response, request) => {
        response.once("close", resolve);
        behaviour(response, request);
      };
    });
    expect(await post()).toEqual({
      kind: "failed",
      outcome: "TimedOut",
      detail: `POST ${peer.origin}/ failed: no complete response within 0.06 s.`,
    });
    await cutOff;
  });

  it("does not follow redirects", async () => {
    client = clientOf(1);
    peer = await Peer.start(answers(307, { location: "/elsewhere" }));
    expect(await post("/first")).toMatchObject({ kind: "answered", status: 307 });
    expect(peer.requests.map(({ url }) => url)).toEqual(["/first"]);
  });

  it("ignores informational responses", async () => {
    client = clientOf(1);
    peer = await Peer.start((response) => {
      response.writeEarlyHints({ link: "</style.css>; rel=preload" });
      response.writeHead(201).end();
    });
    expect(await post()).toMatchObject({ kind: "answered", status: 201 });
  });

  describe("an endpoint that never stops sending", () => {
    /** Sends a beginning, then the same piece repeatedly. Resolves with the reply and the number of bytes sent. */
    async function endless(begin: string, piece: string): Promise<{ reply: HttpReply; sentBytes: number }> {
      client = clientOf(1);
      peer = await Peer.start();
      let sentBytes = 0;
      const server = createServer((socket) => {
        const more = (): void => {
          while (socket.write(piece.repeat(Math.ceil(4_096 / piece.length)))) sentBytes += 4_096;
          sentBytes += 4_096;
        };
        socket.on("error", () => {}).on("drain", more);
        socket.once("data", () => {
          socket.write(begin);
          more();
        });
      }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const reply = await client.send({ target: target(url), method: "POST", headers: [], keepBytes: 3 }, NEVER);
      server.close();
      return { reply, sentBytes };
    }

    it.each([
      ["informational responses", "", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"],
      ["empty lines", "", "\r\n"],
      ["a status line", "HTTP/1.1 200 ", "O"],
      ["headers", "HTTP/1.1 200 OK\r\n", "x-a: b\r\n"],
      ["a header", "HTTP/1.1 200 OK\r\nx: ", "y"],
    ])("[EG-DELIVERY-RESPONSE] fails with endless %s", async (_part, begin, piece) => {
      const { reply, sentBytes } = await endless(begin, piece);
      expect(reply).toMatchObject({ kind: "failed", outcome: "SocketError" });
      // The sent bytes include those in buffers, which the client has not read.
      expect(sentBytes).toBeLessThan(16 * 1_048_576);
    });

    it.each([
      ["body", "HTTP/1.1 202 Accepted\r\n\r\n", "abc", "abc"],
      ["body of small chunks", "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n", "1\r\na\r\n", "aaa"],
      ["chunk extension", "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n1;", "x", ""],
      ["trailers", "HTTP/1.1 202 Accepted\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", "x: y\r\n", "a"],
    ])("[EG-DELIVERY-RESPONSE] has its status accepted and its %s cut", async (_part, begin, piece, body) => {
      const { reply, sentBytes } = await endless(begin, piece);
      expect(reply).toMatchObject({ kind: "answered", status: 202, body: Buffer.from(body) });
      expect(sentBytes).toBeLessThan(16 * 1_048_576);
    });

    it("may have sent any number of bytes for earlier requests on the connection", async () => {
      client = clientOf(1);
      const ports = new Set<number | undefined>();
      peer = await Peer.start((response) => {
        ports.add(response.socket?.remotePort);
        response.end("x".repeat(200_000));
      });
      for (let count = 0; count < 4; count += 1) expect(await post()).toMatchObject({ kind: "answered", status: 200 });
      expect(ports.size).toBe(1);
    });
  });

  it("fails if the response is not HTTP", async () => {
    client = clientOf(1);
    peer = await Peer.start();
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on("data", () => socket.write("SSH-2.0-OpenSSH\r\n\r\n"));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const reply = await client.send({ target: target(url), method: "POST", headers: [], keepBytes: 0 }, NEVER);
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(reply).toMatchObject({ kind: "failed", outcome: "SocketError" });
  });
});
