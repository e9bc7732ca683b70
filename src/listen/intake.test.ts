import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import { connect, type AddressInfo, type Socket } from "node:net";
import { connect as tlsConnect, type ConnectionOptions } from "node:tls";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  createAuthority,
  issueServerCertificate,
  type KeyAndCertificate,
} from "../auth/certificates/issue-certificate.ts";
import { newRsaKey } from "../auth/rsa-key.ts";
import { SILENT_LOGGER, type Logger } from "../ports/logger.ts";
import { HttpListener } from "./http-listener.ts";
import type { TlsSource } from "./intake.ts";

let authority: KeyAndCertificate;
let first: KeyAndCertificate;
let second: KeyAndCertificate;
beforeAll(async () => {
  const now = Date.now();
  const key = await newRsaKey();
  authority = createAuthority(key, now);
  first = issueServerCertificate(authority, key, ["localhost", "127.0.0.1"], now);
  second = issueServerCertificate(authority, key, ["second.localhost", "127.0.0.1"], now);
});

let listener: HttpListener;
let port: number;
let logged: string[];
let material: () => Promise<KeyAndCertificate>;

async function start(options: { connections?: number; timeoutMs?: number; named?: TlsSource["named"] } = {}) {
  logged = [];
  const log = (event: string): void => void logged.push(event);
  const logger: Logger = { ...SILENT_LOGGER, debug: log, error: log };
  const { named, connections = 100, timeoutMs = 60_000 } = options;
  listener = new HttpListener({
    limits: { connections, timeoutMs },
    logger,
    tls: { current: () => material(), ...(named === undefined ? {} : { named }) },
    serve: ({ socket }, response) => {
      response.end(`${"encrypted" in socket ? "https" : "http"} ${socket.remotePort ?? 0}`);
    },
    describe: ({ message }) => ({ contentType: "text/plain", body: message }),
  });
  ({ port } = (await listener.listen("127.0.0.1", 0)).address() as AddressInfo);
}

async function stop(): Promise<void> {
  await listener.close(AbortSignal.abort());
}

beforeEach(async () => {
  material = () => Promise.resolve(first);
  await start();
});
afterEach(stop);

interface Options {
  readonly agent?: Agent;
  readonly servername?: string;
}

function get(scheme: "http" | "https", { agent, servername }: Options = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const at = { host: "127.0.0.1", port, path: "/" };
    const request =
      scheme === "http"
        ? httpRequest(at)
        : httpsRequest({ ...at, agent: agent ?? false, ca: authority.cert, ...(servername && { servername }) });
    request.on("response", (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => (text += chunk.toString()));
      response.on("end", () => resolve(text));
    });
    request.on("error", reject);
    request.end();
  });
}

/** Returns the names in the certificate that a client gets. */
async function certificateNames(options: ConnectionOptions = {}): Promise<string> {
  const socket = tlsConnect({ host: "127.0.0.1", port, ca: authority.cert, ...options });
  await once(socket, "secureConnect");
  const { subjectaltname = "" } = socket.getPeerCertificate();
  socket.destroy();
  return subjectaltname;
}

async function open(...bytes: number[]): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  await once(socket, "connect");
  if (bytes.length > 0) socket.write(Buffer.from(bytes));
  return socket;
}

describe("one port for HTTP and HTTPS", () => {
  it("serves both, depending on the client's first byte", async () => {
    expect(await get("http")).toMatch(/^http \d+$/);
    expect(await get("https")).toMatch(/^https \d+$/);
    expect(await get("http")).toMatch(/^http \d+$/);
  });

  it("keeps a connection over TLS for the next request", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const before = await get("https", { agent });
    expect(await get("https", { agent })).toBe(before);
    agent.destroy();
  });

  it("counts both kinds of connections together", async () => {
    await stop();
    await start({ connections: 2 });
    const plain = await open();
    const secure = tlsConnect({ host: "127.0.0.1", port, ca: authority.cert });
    await once(secure, "secureConnect");
    const third = await open();
    await once(third, "close");
    plain.destroy();
    secure.destroy();
  });

  it("destroys a connection that sends nothing, and one that never completes its handshake", async () => {
    await stop();
    await start({ timeoutMs: 40 });
    const [silent, slow] = await Promise.all([open(), open(0x16)]);
    await Promise.all([once(silent, "close"), once(slow, "close")]);
  });

  it("survives invalid handshakes, and clients that disconnect", async () => {
    const broken = await open(0x16, 0x03, 0x01, 0x00, 0x04, 0xff, 0x00, 0x00, 0x00);
    await once(broken.resume(), "close");
    (await open(0x16)).resetAndDestroy();
    (await open(0x47)).resetAndDestroy();
    (await open()).resetAndDestroy();
    expect(await get("https")).toMatch(/^https/);
  });

  it("refuses insecure versions of TLS", async () => {
    const old = tlsConnect({ host: "127.0.0.1", port, ca: authority.cert, minVersion: "TLSv1", maxVersion: "TLSv1.1" });
    const [error] = (await once(old, "error")) as [Error];
    expect(error.message).toMatch(/protocol|version|alert/i);
  });
});

describe("certificates", () => {
  it("are looked up for each connection", async () => {
    expect(await certificateNames()).toContain("DNS:localhost");
    material = () => Promise.resolve(second);
    expect(await certificateNames()).toContain("DNS:second.localhost");
  });

  it("are those of the host that the client names, if it has its own", async () => {
    await stop();
    await start({ named: (name) => Promise.resolve(name === "second.localhost" ? second : undefined) });
    expect(await certificateNames({ servername: "second.localhost" })).toContain("DNS:second.localhost");
    expect(await certificateNames({ servername: "localhost" })).toContain("DNS:localhost");
  });

  it("that cannot be read end the connection, not the server", async () => {
    material = () => Promise.reject(new Error("the disk is full"));
    await expect(get("https")).rejects.toThrow(/ECONNRESET|hang up|disconnected/);
    expect(logged).toContain("tls_unavailable");
    expect(await get("http")).toMatch(/^http/);
    material = () => Promise.resolve(first);
    expect(await get("https")).toMatch(/^https/);
  });
});

describe("closing", () => {
  it("destroys silent connections at once", async () => {
    const silent = await open();
    // The server has seen the socket once it has responded to a later client.
    await get("http");
    await Promise.all([listener.close(new AbortController().signal), once(silent, "close")]);
  });

  it("destroys a connection in the middle of its handshake", async () => {
    let release: ((created: KeyAndCertificate) => void) | undefined;
    material = () => new Promise((resolve) => (release = resolve));
    const answer = get("https");
    const asked = new Promise<void>((resolve) => {
      const inner = material;
      material = () => (resolve(), inner());
    });
    await asked;
    const closed = listener.close(new AbortController().signal);
    release?.(first);
    await expect(answer).rejects.toThrow();
    await closed;
  });
});
