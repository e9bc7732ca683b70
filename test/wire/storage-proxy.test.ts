import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SILENT_LOGGER } from "../../src/ports/logger.ts";
import { createStorageSource } from "../../src/sources/storage/storage-source.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import {
  deferred,
  drain,
  portOf,
  raw,
  readUntil,
  startProxy,
  startUpstream,
  stopAll,
} from "./storage-proxy-harness.ts";

afterEach(stopAll);

const put = "PUT /acc/c/b HTTP/1.1\r\nHost: h:1\r\nx-ms-blob-type: BlockBlob\r\n";

describe("storage source as a proxy", () => {
  it("[EG-STORAGE-PROXY] forwards headers unchanged in order and case, with the client's Host", async () => {
    const seen = deferred<IncomingMessage>();
    const upstream = await startUpstream((request, response) => {
      seen.resolve(request);
      request.resume();
      response.sendDate = false;
      response.writeHead(201, "Made", ["X-B", "1", "x-a", "2", "X-B", "3", "ETag", '"0x1"', "Content-Length", "0"]);
      response.end();
    });
    const { port } = await startProxy(upstream.port);
    const answer = await raw(
      port,
      `PUT /acc/c/b%20c?sig=a%2Bb HTTP/1.1\r\nX-Z: 1\r\nhOsT: some.where:1\r\nx-A: 2\r\nX-z: 3\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nContent-Length: 3\r\n\r\nabc`,
    );
    const { url, rawHeaders, headers } = await seen.promise;
    expect(url).toBe("/acc/c/b%20c?sig=a%2Bb");
    const expected = ["X-Z", "1", "hOsT", "some.where:1", "x-A", "2", "X-z", "3", "Content-Length", "3"];
    expect(rawHeaders.slice(0, expected.length)).toEqual(expected);
    expect(headers).not.toHaveProperty("x-hop");
    expect(answer).toMatch(/^HTTP\/1.1 201 Made\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nETag: "0x1"\r\nContent-Length: 0\r\n/);
    expect(answer).not.toMatch(/^date:/im);
  });

  it("[EG-STORAGE-PROXY] forwards a body as a body, with any number of headers before its length", async () => {
    const bodies: string[] = [];
    const upstream = await startUpstream(async (request, response) => {
      bodies.push(`${request.method} ${await drain(request)}`);
      response.end();
    });
    const { port } = await startProxy(upstream.port);
    const hidden = "DELETE /acc/c/b HTTP/1.1\r\nHost: h\r\n\r\n";
    const many = Array.from({ length: 2_500 }, () => "a:\r\n").join("");
    const length = `Content-Length: ${hidden.length}`;
    await raw(port, `PUT /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n${many}${length}\r\n\r\n${hidden}`);
    await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(bodies).toEqual([`PUT ${hidden}`, "GET "]);
  });

  it("[EG-STORAGE-PROXY] forwards chunked bodies and trailers in both directions", async () => {
    const upstream = await startUpstream(async (request, response) => {
      const body = await drain(request);
      response.writeHead(200, { trailer: "x-end" });
      response.write(`${body}|${JSON.stringify(request.trailers)}`);
      response.addTrailers({ "x-end": "2" });
      response.end();
    });
    const { port } = await startProxy(upstream.port);
    const text =
      "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTrailer: x-t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n";
    const answer = await raw(port, text);
    expect(answer).toContain('abc|{"x-t":"1"}');
    expect(answer).toMatch(/\r\n0\r\nx-end: 2\r\n\r\n$/);
  });

  it("[EG-STORAGE-PROXY] announces no chunked body for a call without one", async () => {
    const seen = deferred<IncomingMessage>();
    const upstream = await startUpstream((request, response) => {
      if (request.method === "PUT") seen.resolve(request);
      response.end();
    });
    const { port } = await startProxy(upstream.port);
    await raw(port, "PUT /acc/c/b?comp=tier HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const { headers } = await seen.promise;
    expect(headers["content-length"]).toBe("0");
    expect(headers["transfer-encoding"]).toBeUndefined();
  });

  it("[EG-STORAGE-PROXY] forwards the head before the body begins, also on a kept connection", async () => {
    const seen: string[] = [];
    const upstream = await startUpstream((request, response) => {
      seen.push(`${request.method} ${request.socket.remotePort}`);
      request.resume().once("end", () => response.end("fine"));
    });
    const { port } = await startProxy(upstream.port);
    await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const socket = connect(port, "127.0.0.1");
    socket.write(`${put}Content-Length: 3\r\n\r\n`);
    await vi.waitFor(() => expect(seen).toHaveLength(2));
    socket.write("abc");
    expect(await readUntil(socket, (text) => text.includes("fine"))).toMatch(/^HTTP\/1.1 200/);
    socket.destroy();
  });

  it("[EG-STORAGE-PROXY] lets the service decide whether the client may send the body", async () => {
    const upstream = await startUpstream(() => {});
    upstream.server.on("checkContinue", (request: IncomingMessage, response) => {
      if (request.url === "/no") {
        response.writeHead(403, { "content-length": 0 }).end();
        return;
      }
      response.writeContinue();
      void drain(request).then((body) => response.end(`got ${body}`));
    });
    const { port } = await startProxy(upstream.port);
    const head = "HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    const socket = connect(port, "127.0.0.1");
    socket.write(`PUT /yes ${head}`);
    expect(await readUntil(socket, (text) => text.includes("\r\n\r\n"))).toMatch(/^HTTP\/1.1 100 Continue/);
    socket.write("abc");
    expect(await readUntil(socket, (text) => text.includes("got abc"))).toMatch(/^HTTP\/1.1 200/);
    socket.destroy();
    // Refused. The connection must close, or the next bytes would be read as the body.
    expect(await raw(port, `PUT /no ${head}`)).toMatch(/^HTTP\/1.1 403 [\s\S]*connection: close/i);
  });

  it("[EG-STORAGE-PROXY] responds to a HEAD as the service does, without a body", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-length": 1_000 }).end();
    });
    const { port } = await startProxy(upstream.port);
    const answer = await raw(port, "HEAD /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/content-length: 1000/i);
    expect(answer.split("\r\n\r\n")[1]).toBe("");
  });

  it("[EG-STORAGE-ABORT] aborts the service's call if an upload is cut", async () => {
    const cut = deferred<boolean>();
    const begun = deferred();
    const upstream = await startUpstream((request) => {
      request.once("data", () => begun.resolve());
      request.on("error", () => {});
      request.once("close", () => cut.resolve(request.complete));
    });
    const { port, events, source } = await startProxy(upstream.port);
    const socket = connect(port, "127.0.0.1");
    socket.write(`${put}Content-Length: 100\r\n\r\nabc`);
    await begun.promise;
    socket.destroy();
    expect(await cut.promise).toBe(false);
    await source.stop();
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-ABORT] raises the event of a call that was carried out after its client disconnected", async () => {
    const arrived = deferred<ServerResponse>();
    const upstream = await startUpstream(async (request, response) => {
      await drain(request);
      arrived.resolve(response);
    });
    const proxy = await startProxy(upstream.port);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(`${put}Content-Length: 3\r\n\r\nabc`);
    const response = await arrived.promise;
    socket.destroy();
    await once(socket, "close");
    response.writeHead(201, { etag: '"1"' }).end();
    await proxy.source.stop();
    expect(proxy.events).toMatchObject([{ data: { eTag: "1", contentLength: 3 } }]);
  });

  it("[EG-STORAGE-PROXY] forwards an early refusal while the body is still arriving", async () => {
    const upstream = await startUpstream((request, response) => {
      response.writeHead(403, { "content-length": 2, connection: "close" }).end("no");
      request.destroy();
    });
    const { port, events } = await startProxy(upstream.port);
    const socket = connect(port, "127.0.0.1");
    socket.write(`${put}Content-Length: 4000000\r\n\r\n`);
    socket.write("x".repeat(1_000_000));
    const answer = await readUntil(socket, (text) => text.includes("\r\n\r\nno") || text.includes("503"));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 (403|503)/);
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-ERROR] returns 503 in the form of storage if the service is down", async () => {
    const server = createServer();
    const freePort = await portOf(server);
    await new Promise((resolve) => server.close(resolve));
    const { port, events } = await startProxy(freePort);
    const answer = await raw(
      port,
      `${put}x-ms-client-request-id: mine\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc`,
    );
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
    expect(answer).toMatch(/x-ms-error-code: ServerBusy/);
    expect(answer).toMatch(/x-ms-client-request-id: mine/);
    expect(answer).toMatch(
      /<Error><Code>ServerBusy<\/Code><Message>[^<]+\nRequestId:[^<]+\nTime:[^<]+<\/Message><\/Error>$/,
    );
    const head = await raw(port, "HEAD /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(head.split("\r\n\r\n")).toEqual([expect.stringMatching(/^HTTP\/1.1 503/), ""]);
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-ERROR] returns 503 if the service does not respond, and leaves no call behind", async () => {
    const upstream = await startUpstream(() => {});
    const { port } = await startProxy(upstream.port, { idleTimeoutMs: 50 });
    const answer = await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
  });

  it("[EG-STORAGE-ABORT] closes the connection of a client that stops in the middle of its body", async () => {
    const upstream = await startUpstream((request) => {
      request.on("error", () => {}).resume();
    });
    const { port, events } = await startProxy(upstream.port, { idleTimeoutMs: 50 });
    const answer = await raw(port, `${put}Content-Length: 100\r\n\r\nabc`);
    expect(answer).toMatch(/^(HTTP\/1.1 503 |$)/);
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-PROXY] closes the connection if the service disconnects in the middle of a response", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-length": 100 });
      response.write("abc", () => response.destroy());
    });
    const { port } = await startProxy(upstream.port);
    const outcome = await new Promise<string>((resolve) => {
      const call = httpRequest({ port, host: "127.0.0.1", path: "/acc/c/b" }, (answer) => {
        drain(answer).then(resolve, (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      });
      call.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
      call.end();
    });
    expect(outcome).toBe("ECONNRESET");
  });

  it("[EG-STORAGE-ERROR] returns 503 to one call too many", async () => {
    const first = deferred();
    const upstream = await startUpstream(() => first.resolve());
    const { port } = await startProxy(upstream.port, { maxCalls: 1 });
    const holding = connect(port, "127.0.0.1");
    holding.write("GET /acc/c/b HTTP/1.1\r\nHost: h\r\n\r\n");
    await first.promise;
    const answer = await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    holding.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
  });

  it.each([
    [
      "an absolute address",
      "PUT http://x/acc/c/b HTTP/1.1\r\nHost: h\r\nx-ms-blob-type: BlockBlob\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
    ],
    ["no HTTP", "\u0000\u0001\u0002 nonsense\r\n\r\n"],
    ["two lengths", "PUT /acc/c/b HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["endless headers", `GET / HTTP/1.1\r\nHost: h\r\nx: ${"y".repeat(40_000)}\r\n\r\n`],
  ])("[EG-STORAGE-ERROR] refuses %s and continues to serve", async (_, text) => {
    const upstream = await startUpstream((_request, response) => response.end("fine"));
    const { port, events } = await startProxy(upstream.port);
    expect(await raw(port, text)).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).toContain("fine");
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-DURABLE] responds only after the event was stored", async () => {
    const order: string[] = [];
    const upstream = await startUpstream((request, response) => {
      void drain(request).then(() => response.writeHead(201).end());
    });
    const publishing = deferred();
    const kept = deferred();
    const publishSystemEvents = (): Promise<void> => {
      publishing.resolve();
      return kept.promise;
    };
    const { port } = await startProxy(upstream.port, {}, { publishSystemEvents });
    const answer = raw(port, `${put}Connection: close\r\nContent-Length: 3\r\n\r\nabc`).then((text) => {
      order.push("answered");
      return text;
    });
    await publishing.promise;
    // Lets pending work run: a response that does not wait would have arrived by then.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    order.push("kept");
    kept.resolve();
    expect(await answer).toMatch(/^HTTP\/1.1 201 /);
    expect(order).toEqual(["kept", "answered"]);
  });

  it("[EG-STORAGE-BATCH] forwards a batch unchanged that is larger than the service accepts", async () => {
    const upstream = await startUpstream((request, response) => {
      void drain(request).then((body) => response.writeHead(202).end(String(body.length)));
    });
    const { port, events } = await startProxy(upstream.port);
    const length = 5 * 1024 * 1024;
    const head = `POST /acc/?comp=batch HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await raw(port, head + "x".repeat(length))).toContain(String(length));
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-PROXY] reports the reason if its address is taken, and can be stopped twice", async () => {
    const upstream = await startUpstream(() => {});
    const options = { host: "127.0.0.1", port: upstream.port };
    const { source } = await startProxy(upstream.port);
    const other = createStorageSource({
      upstream: options,
      listen: options,
      clock: new ManualClock(),
      random: { next: () => 0, uuid: () => "", secretBytes: (bytes) => new Uint8Array(bytes) },
      logger: SILENT_LOGGER,
    });
    await expect(other.start({ publishSystemEvents: () => Promise.resolve() })).rejects.toMatchObject({
      code: "conflict",
    });
    await Promise.all([source.stop(), source.stop(), other.stop()]);
  });
});
