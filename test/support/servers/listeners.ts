import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createAuthority, issueServerCertificate } from "../../../src/auth/certificates/issue-certificate.ts";
import type { Invoker } from "../../../src/functions-host/app/invoker.ts";
import { HostListener, type HostParts } from "../../../src/functions-host/host/host-listener.ts";
import { compileRoute } from "../../../src/functions-host/triggers/http-route.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import { createStorageSource } from "../../../src/sources/storage/storage-source.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { oneRsaKey } from "../fixtures/rsa-keys.ts";
import { SERVER_KEY, startServerHarness } from "./server-harness.ts";

/**
 * A listening part of Ringmain, and requests to it. The heads lack the `Host` header and the headers about the
 * body's length.
 */
export interface Listening {
  readonly port: number;
  readonly tls?: boolean;
  /** Head of a request whose body is read. */
  readonly taken: string;
  /** Head of a request that is refused before its body is read. */
  readonly refused: string;
  /** Head of a request whose response is the one from the options. */
  readonly answered: string;
  /** Stops accepting requests. Resolves when those in progress are answered. */
  readonly close: () => Promise<void>;
  /** Stops everything. */
  readonly stop: () => Promise<void>;
}

/** Options for starting a listener. */
export interface ListeningOptions {
  /** Milliseconds within which a request must arrive. A streamed body may pause for as long. */
  readonly timeoutMs: number;
  /** Returns the body of the response to `answered`. */
  readonly answer: () => Promise<string>;
}

const newKey = oneRsaKey();

/** Start functions of all listening parts of Ringmain, by description. */
export const LISTENERS: Readonly<Record<string, (options: ListeningOptions) => Promise<Listening>>> = {
  "the main port": startMain,
  "the main port over TLS": async (options) => ({ ...(await startMain(options)), tls: true }),
  "a topic's own port": startTopicPort,
  "the functions host": startFunctions,
  "the storage proxy": startStorage,
};

async function startMain(options: ListeningOptions): Promise<Listening> {
  const { port, server, stop } = await startHarness(options);
  return {
    port,
    taken: `POST /topics/orders/api/events HTTP/1.1\r\naeg-sas-key: ${SERVER_KEY}\r\n`,
    refused: "POST /topics/orders/api/events HTTP/1.1\r\naeg-sas-key: d3Jvbmc=\r\n",
    answered: "GET /metrics HTTP/1.1\r\n",
    close: () => server.close(new AbortController().signal),
    stop,
  };
}

async function startTopicPort(options: ListeningOptions): Promise<Listening> {
  const { server, stop } = await startHarness(options);
  const topics = await server.listenForTopics("127.0.0.1", new Map([["orders", 0]]));
  return {
    port: topics.get("orders")?.port ?? 0,
    taken: `POST /api/events HTTP/1.1\r\naeg-sas-key: ${SERVER_KEY}\r\n`,
    refused: "POST /api/events HTTP/1.1\r\naeg-sas-key: d3Jvbmc=\r\n",
    answered: "GET /metrics HTTP/1.1\r\n",
    close: () => server.close(new AbortController().signal),
    stop,
  };
}

async function startHarness({ timeoutMs, answer }: ListeningOptions): ReturnType<typeof startServerHarness> {
  const key = await newKey();
  const now = Date.now();
  const material = issueServerCertificate(createAuthority(key, now), key, ["localhost"], now);
  return startServerHarness({
    limits: { connections: 1_000, bodyBytesInFlight: 10_000_000, requestTimeoutMs: timeoutMs },
    metrics: { access: { kind: "local" }, contentType: "text/plain", text: answer },
    tls: { current: () => Promise.resolve(material) },
  });
}

async function startFunctions({ timeoutMs, answer }: ListeningOptions): Promise<Listening> {
  const invoke = async (): Promise<unknown> => ({ kind: "succeeded", http: { body: { string: await answer() } } });
  const registered = { name: "answer", triggerName: "request", trigger: {}, bindings: {} };
  const http = { registered, route: compileRoute("api/answer"), methods: ["GET", "POST"], authLevel: "anonymous" };
  const parts = { http: { functions: [http], invoker: { invoke } as unknown as Invoker, streams: false } };
  const host = new HostListener(SILENT_LOGGER, timeoutMs, parts as unknown as HostParts);
  const { port } = new URL(await host.listen("127.0.0.1", 0));
  return {
    port: Number(port),
    taken: "POST /api/answer HTTP/1.1\r\n",
    refused: "POST /api/missing HTTP/1.1\r\n",
    answered: "GET /api/answer HTTP/1.1\r\n",
    close: () => host.close(),
    stop: async () => {
      host.abort();
      await host.close();
    },
  };
}

async function startStorage({ timeoutMs, answer }: ListeningOptions): Promise<Listening> {
  const upstream = createServer((request, response) => {
    request.resume();
    if (request.url === "/acc/refused") response.writeHead(403, { "content-length": 2 }).end("no");
    else if (request.method === "GET") void answer().then((text) => response.end(text));
    else request.once("end", () => response.end());
  });
  upstream.listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const source = createStorageSource({
    upstream: { host: "127.0.0.1", port: (upstream.address() as AddressInfo).port },
    listen: { host: "127.0.0.1", port: 0 },
    clock: new ManualClock(),
    random: { next: () => 0, uuid: () => crypto.randomUUID(), secretBytes: (bytes) => new Uint8Array(bytes) },
    logger: SILENT_LOGGER,
    limits: { idleTimeoutMs: timeoutMs },
  });
  await source.start({ publishSystemEvents: () => Promise.resolve() });
  return {
    port: source.address.port,
    taken: "PUT /acc/c/b HTTP/1.1\r\n",
    refused: "PUT /acc/refused HTTP/1.1\r\n",
    answered: "GET /acc/c/b HTTP/1.1\r\n",
    close: () => source.stop(),
    stop: async () => {
      upstream.closeAllConnections();
      upstream.close();
      await source.stop();
    },
  };
}
