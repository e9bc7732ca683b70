import { once } from "node:events";
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { EventSink, SystemEvent } from "../../ports/event-source.ts";
import { SILENT_LOGGER } from "../../ports/logger.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { createStorageSource, type StorageSource, type StorageSourceLimits } from "./storage-source.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Proxy {
  readonly port: number;
  readonly source: StorageSource;
  readonly events: SystemEvent[];
  readonly clock: ManualClock;
}

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return address.port;
}

async function startUpstream(listener: RequestListener): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer(listener);
  stops.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { server, port: await portOf(server) };
}

async function startProxy(port: number, limits: Partial<StorageSourceLimits> = {}, sink?: EventSink): Promise<Proxy> {
  const events: SystemEvent[] = [];
  const clock = new ManualClock();
  const source = createStorageSource({
    account: { name: "acc", key: "a2V5" },
    upstream: { host: "127.0.0.1", port },
    listen: { host: "127.0.0.1", port: 0 },
    sourceId: "/subscriptions/s",
    urlForm: "production",
    clock,
    random: {
      next: () => 0.5,
      uuid: () => "00000000-0000-4000-8000-000000000000",
      secretBytes: (bytes) => new Uint8Array(bytes).fill(0xab),
    },
    logger: SILENT_LOGGER,
    limits,
  });
  const publish = (_: string, published: readonly SystemEvent[]): Promise<void> => {
    events.push(...published);
    return Promise.resolve();
  };
  await source.start(sink ?? { publishSystemEvents: publish });
  stops.push(() => source.stop());
  return { port: source.address.port, source, events, clock };
}

/** Sends bytes and answers everything that comes back until the connection ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

async function readUntil(socket: Socket, found: (text: string) => boolean): Promise<string> {
  let text = "";
  while (!found(text)) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    text += chunk.toString();
  }
  return text;
}

async function drain(message: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of message) body += String(chunk);
  return body;
}

const put = "PUT /acc/c/b HTTP/1.1\r\nHost: h:1\r\nx-ms-blob-type: BlockBlob\r\n";

describe("storage source as a proxy", () => {
  it("[EG-STORAGE-PROXY] passes headers on as they are, in order and case, with the client's Host", async () => {
    let seen: IncomingMessage | undefined;
    const upstream = await startUpstream((request, response) => {
      seen = request;
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
    expect(seen?.url).toBe("/acc/c/b%20c?sig=a%2Bb");
    const expected = ["X-Z", "1", "hOsT", "some.where:1", "x-A", "2", "X-z", "3", "Content-Length", "3"];
    expect(seen?.rawHeaders.slice(0, expected.length)).toEqual(expected);
    expect(seen?.headers).not.toHaveProperty("x-hop");
    expect(answer).toMatch(/^HTTP\/1.1 201 Made\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nETag: "0x1"\r\nContent-Length: 0\r\n/);
    expect(answer).not.toMatch(/^date:/im);
  });

  it("[EG-STORAGE-PROXY] passes chunked bodies and trailers on in both directions", async () => {
    const upstream = await startUpstream((request, response) => {
      void drain(request).then((body) => {
        response.writeHead(200, { trailer: "x-end" });
        response.write(`${body}|${JSON.stringify(request.trailers)}`);
        response.addTrailers({ "x-end": "2" });
        response.end();
      });
    });
    const { port } = await startProxy(upstream.port);
    const text =
      "POST /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\nTrailer: x-t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: 1\r\n\r\n";
    const answer = await raw(port, text);
    expect(answer).toContain('abc|{"x-t":"1"}');
    expect(answer).toMatch(/\r\n0\r\nx-end: 2\r\n\r\n$/);
  });

  it("[EG-STORAGE-PROXY] announces no chunked body for a call without one", async () => {
    let seen: IncomingMessage | undefined;
    const upstream = await startUpstream((request, response) => {
      seen = request;
      response.end();
    });
    const { port } = await startProxy(upstream.port);
    await raw(port, "PUT /acc/c/b?comp=tier HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(seen?.headers["content-length"]).toBe("0");
    expect(seen?.headers["transfer-encoding"]).toBeUndefined();
  });

  it("[EG-STORAGE-PROXY] lets the service say whether the body may come", async () => {
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
    // Refused: the connection closes, or what comes next would be taken for the body.
    expect(await raw(port, `PUT /no ${head}`)).toMatch(/^HTTP\/1.1 403 [\s\S]*connection: close/i);
  });

  it("[EG-STORAGE-PROXY] answers a HEAD as the service does, without a body", async () => {
    const upstream = await startUpstream((_, response) => {
      response.writeHead(200, { "content-length": 1_000 }).end();
    });
    const { port } = await startProxy(upstream.port);
    const answer = await raw(port, "HEAD /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/content-length: 1000/i);
    expect(answer.split("\r\n\r\n")[1]).toBe("");
  });

  it("[EG-STORAGE-ABORT] takes a cut upload's call away from the service", async () => {
    let onCut: (complete: boolean) => void = () => {};
    const wasCut = new Promise<boolean>((resolve) => {
      onCut = resolve;
    });
    let onBegin: () => void = () => {};
    const begun = new Promise<void>((resolve) => {
      onBegin = resolve;
    });
    const upstream = await startUpstream((request) => {
      request.once("data", () => onBegin());
      request.on("error", () => {});
      request.once("close", () => onCut(request.complete));
    });
    const { port, events, source } = await startProxy(upstream.port);
    const socket = connect(port, "127.0.0.1");
    socket.write(`${put}Content-Length: 100\r\n\r\nabc`);
    await begun;
    socket.destroy();
    expect(await wasCut).toBe(false);
    await source.stop();
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-ABORT] raises the event of a call that was carried out though its client has gone", async () => {
    let answerNow: () => void = () => {};
    let onArrival: () => void = () => {};
    const arrived = new Promise<void>((resolve) => {
      onArrival = resolve;
    });
    const upstream = await startUpstream((request, response) => {
      void drain(request).then(() => {
        answerNow = () => response.writeHead(201, { etag: '"1"' }).end();
        onArrival();
      });
    });
    const proxy = await startProxy(upstream.port);
    const socket = connect(proxy.port, "127.0.0.1");
    socket.write(`${put}Content-Length: 3\r\n\r\nabc`);
    await arrived;
    socket.destroy();
    await once(socket, "close");
    answerNow();
    await proxy.source.stop();
    expect(proxy.events).toMatchObject([{ data: { eTag: "1", contentLength: 3 } }]);
  });

  it("[EG-STORAGE-PROXY] passes an early refusal on while the body is still coming", async () => {
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

  it("[EG-STORAGE-ERROR] answers 503 in the shape of storage when the service is down", async () => {
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

  it("[EG-STORAGE-ERROR] answers 503 when the service is silent, and leaves no call behind", async () => {
    const upstream = await startUpstream(() => {});
    const { port } = await startProxy(upstream.port, { idleTimeoutMs: 50 });
    const answer = await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1.1 503 /);
  });

  it("[EG-STORAGE-ABORT] lets go of a client that stops in the middle of its body", async () => {
    const upstream = await startUpstream((request) => {
      request.on("error", () => {}).resume();
    });
    const { port, events } = await startProxy(upstream.port, { idleTimeoutMs: 50 });
    const answer = await raw(port, `${put}Content-Length: 100\r\n\r\nabc`);
    expect(answer).toMatch(/^(HTTP\/1.1 503 |$)/);
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-PROXY] closes the connection when the service breaks off in the middle of an answer", async () => {
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

  it("[EG-STORAGE-ERROR] answers 503 to one call too many", async () => {
    let onFirst: () => void = () => {};
    const first = new Promise<void>((resolve) => {
      onFirst = resolve;
    });
    const upstream = await startUpstream(() => onFirst());
    const { port } = await startProxy(upstream.port, { maxCalls: 1 });
    const holding = connect(port, "127.0.0.1");
    holding.write("GET /acc/c/b HTTP/1.1\r\nHost: h\r\n\r\n");
    await first;
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
    ["endless headers", `GET / HTTP/1.1\r\nHost: h\r\nx: ${"y".repeat(70_000)}\r\n\r\n`],
  ])("[EG-STORAGE-ERROR] refuses %s and goes on serving", async (_, text) => {
    const upstream = await startUpstream((_request, response) => response.end("fine"));
    const { port, events } = await startProxy(upstream.port);
    expect(await raw(port, text)).toMatch(/^HTTP\/1.1 4\d\d /);
    expect(await raw(port, "GET /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).toContain("fine");
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-DURABLE] answers only after the event was kept", async () => {
    const order: string[] = [];
    const upstream = await startUpstream((request, response) => {
      void drain(request).then(() => response.writeHead(201).end());
    });
    let keep: () => void = () => {};
    let onPublish: () => void = () => {};
    const publishing = new Promise<void>((resolve) => {
      onPublish = resolve;
    });
    const publishSystemEvents = (): Promise<void> => {
      onPublish();
      return new Promise((resolve) => {
        keep = resolve;
      });
    };
    const { port } = await startProxy(upstream.port, {}, { publishSystemEvents });
    const answer = raw(port, `${put}Connection: close\r\nContent-Length: 3\r\n\r\nabc`).then((text) => {
      order.push("answered");
      return text;
    });
    await publishing;
    // Whatever is under way gets its turns: an answer that does not wait would be here by then.
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    order.push("kept");
    keep();
    expect(await answer).toMatch(/^HTTP\/1.1 201 /);
    expect(order).toEqual(["kept", "answered"]);
  });

  it("[EG-STORAGE-BATCH] passes a batch on untouched that is larger than the service takes", async () => {
    const upstream = await startUpstream((request, response) => {
      void drain(request).then((body) => response.writeHead(202).end(String(body.length)));
    });
    const { port, events } = await startProxy(upstream.port);
    const length = 5 * 1024 * 1024;
    const head = `POST /acc/?comp=batch HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Type: multipart/mixed; boundary=b\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await raw(port, head + "x".repeat(length))).toContain(String(length));
    expect(events).toEqual([]);
  });

  it("[EG-STORAGE-PROXY] says why when its address is taken, and stops twice", async () => {
    const upstream = await startUpstream(() => {});
    const options = { host: "127.0.0.1", port: upstream.port };
    const { source } = await startProxy(upstream.port);
    const other = createStorageSource({
      account: { name: "acc", key: "a2V5" },
      upstream: options,
      listen: options,
      sourceId: "/s",
      urlForm: "production",
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

describe("storage source and copies that take time", () => {
  async function startCopy(states: readonly (readonly [status: number, state: string, id: string])[]): Promise<Proxy> {
    const rest = [...states];
    const upstream = await startUpstream((request, response) => {
      if (request.method === "PUT") {
        response.writeHead(202, { etag: '"1"', "x-ms-copy-status": "pending", "x-ms-copy-id": "id" }).end();
        return;
      }
      const [status, state, id] = (polling ? rest.shift() : undefined) ?? [200, "pending", "id"];
      response
        .writeHead(status, { etag: '"2"', "x-ms-copy-status": state, "x-ms-copy-id": id, "content-length": 7 })
        .end();
    });
    let polling = false;
    const proxy = await startProxy(upstream.port);
    const text = `PUT /acc/c/b HTTP/1.1\r\nHost: h\r\nx-ms-copy-source: http://h/acc/c/a\r\n${extra}Connection: close\r\nContent-Length: 0\r\n\r\n`;
    expect(await raw(proxy.port, text)).toMatch(/^HTTP\/1.1 202 /);
    polling = true;
    return proxy;
  }
  let extra = "";

  /** Lets the clock go on until nobody waits for it any more; at most `rounds` times. */
  async function letTimePass({ clock }: Proxy, rounds: number): Promise<number> {
    for (let round = 0; round < rounds; round += 1) {
      let next = clock.nextWakeAt();
      for (let turn = 0; turn < 200 && next === undefined; turn += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        next = clock.nextWakeAt();
      }
      if (next === undefined) return round;
      clock.moveTo(next);
    }
    return rounds;
  }

  it("[EG-STORAGE-COPY-PENDING] raises BlobCreated once the copy is complete", async () => {
    extra = "";
    const proxy = await startCopy([
      [200, "pending", "id"],
      [500, "", ""],
      [200, "success", "id"],
    ]);
    expect(proxy.events).toEqual([]);
    const begun = proxy.clock.now();
    expect(await letTimePass(proxy, 10)).toBe(3);
    expect(proxy.clock.now() - begun).toBe(7_000);
    expect(proxy.events).toMatchObject([
      { eventType: "Microsoft.Storage.BlobCreated", data: { api: "CopyBlob", eTag: "2", contentLength: 7 } },
    ]);
  });

  it.each([
    ["fails", [200, "failed", "id"]],
    ["is replaced", [200, "success", "another"]],
    ["is deleted", [404, "", ""]],
  ] as const)("[EG-STORAGE-COPY-PENDING] raises nothing for a copy that %s", async (_, state) => {
    extra = "";
    const proxy = await startCopy([state]);
    expect(await letTimePass(proxy, 10)).toBe(1);
    expect(proxy.events).toEqual([]);
  });

  it("[EG-STORAGE-ASYNC] raises AsyncOperationInitiated for a copy out of the archive", async () => {
    extra = "x-ms-rehydrate-priority: High\r\n";
    const proxy = await startCopy([]);
    expect(proxy.events).toMatchObject([
      { eventType: "Microsoft.Storage.AsyncOperationInitiated", data: { api: "CopyBlob", contentLength: 7 } },
    ]);
  });

  it("[EG-STORAGE-COPY-PENDING] gives up after two weeks", async () => {
    extra = "";
    const proxy = await startCopy([]);
    await letTimePass(proxy, 3);
    proxy.clock.moveTo(proxy.clock.now() + 14 * 24 * 3_600_000);
    expect(await letTimePass(proxy, 5)).toBe(0);
    expect(proxy.events).toEqual([]);
  });
});

describe("storage source between two writes", () => {
  it("[EG-STORAGE-FACTS] leaves out what it cannot know when the blob has changed since", async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume();
      if (request.method === "HEAD")
        response.writeHead(200, { etag: '"newer"', "content-length": 9, "content-type": "image/png" }).end();
      else response.writeHead(201, { etag: '"mine"', "x-ms-request-id": "f47ac10b-58cc-4372-a567-0e02b2c3d479" }).end();
    });
    const { port, events } = await startProxy(upstream.port);
    const call = (path: string, headers: string): Promise<string> =>
      raw(port, `PUT ${path} HTTP/1.1\r\nHost: h\r\n${headers}Connection: close\r\nContent-Length: 0\r\n\r\n`);
    await call("/acc/c/b?comp=blocklist", "x-ms-blob-content-type: text/csv\r\nx-ms-access-tier: Cool\r\n");
    await call("/acc/c/b", "x-ms-copy-source: http://h/acc/c/a\r\n");
    expect(events.map(({ id }) => id)).toEqual(Array.from({ length: 2 }, () => "f47ac10b-58cc-4372-a567-0e02b2ababab"));
    const [list, copy] = events.map(({ data }) => data);
    expect(list).toMatchObject({ eTag: "mine", contentType: "text/csv", blobType: "BlockBlob", accessTier: "Cool" });
    expect(list).not.toHaveProperty("contentLength");
    expect(copy).toMatchObject({ eTag: "mine", accessTier: "Default" });
    expect(Object.keys(copy ?? {})).toEqual([
      "api",
      "requestId",
      "eTag",
      "accessTier",
      "url",
      "sequencer",
      "storageDiagnostics",
    ]);
  });

  it("[EG-STORAGE-FACTS] raises the event without the facts when the service does not tell them", async () => {
    const upstream = await startUpstream((request, response) => {
      request.resume();
      response.writeHead(request.method === "HEAD" ? 403 : 202).end();
    });
    const { port, events } = await startProxy(upstream.port);
    await raw(port, "DELETE /acc/c/b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    await raw(port, "DELETE /acc/c/../b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    expect(events).toMatchObject([{ data: { api: "DeleteBlob" } }, { data: { api: "DeleteBlob" } }]);
    for (const { data } of events) expect(data).not.toHaveProperty("contentType");
  });
});
