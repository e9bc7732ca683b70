import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { EntraTokens } from "../../../src/auth/entra-token.ts";
import { RoleAssignments } from "../../../src/auth/role-assignments.ts";
import type { ProcessHealth } from "../../../src/http/admin/health.ts";
import { HttpServer, type ServerDependencies } from "../../../src/http/server.ts";
import { localEvaluator } from "../../../src/resource-manager/template/local-evaluator.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import { NO_STORAGE } from "./arm-app.ts";
import { desiredTopic, startEngine, type EngineHarness } from "./engine-harness.ts";

/** Key of the topic `orders` on a test server. */
export const SERVER_KEY: string = Buffer.from("a key for the tests of the server").toString("base64");

/** Response of the server. */
export interface HarnessResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Options for a request. The default method is POST. */
export interface Sent {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** The HTTP server on a free port, with an engine that has the topic `orders` and scripted destinations. */
export interface ServerHarness {
  readonly engine: EngineHarness;
  readonly server: HttpServer;
  readonly url: string;
  readonly port: number;
  /** Health that the server reports. */
  health: ProcessHealth;
  /** Sends a request with Node's own client: `fetch` can neither set the `Host` header nor abort a body. */
  readonly send: (path: string, sent?: Sent) => Promise<HarnessResponse>;
  /** Sends a request to another port of the server. */
  readonly sendTo: (port: number, path: string, sent?: Sent) => Promise<HarnessResponse>;
  readonly stop: () => Promise<void>;
}

/** Starts a server. The test must stop it. */
export async function startServerHarness(overrides: Partial<ServerDependencies> = {}): Promise<ServerHarness> {
  const harness = await startEngine();
  const { engine, clock } = harness;
  await engine.controlPlane.put({ ...desiredTopic(), keys: { key1: SERVER_KEY } });
  const server = new HttpServer({
    streams: { connect: () => () => {} },
    alerts: () => [],
    makeBackup: async () => ({ bytes: 3, body: new Blob(["abc"]).stream() }),
    engine,
    clock,
    random: { next: Math.random, uuid: () => crypto.randomUUID(), secretBytes: (bytes) => new Uint8Array(bytes) },
    logger: SILENT_LOGGER,
    storage: NO_STORAGE,
    templates: localEvaluator,
    version: "test",
    admin: { kind: "local" },
    metrics: { access: { kind: "local" }, contentType: "text/plain", text: async () => "up 1\n" },
    readiness: () => ({ health: serverHarness.health, waitingFor: "the test" }),
    limits: { connections: 100, bodyBytesInFlight: 10_000_000, requestTimeoutMs: 60_000 },
    tokenAccess: { tokens: new EntraTokens({ issuers: [], audiences: [] }), roles: new RoleAssignments() },
    tls: { current: () => Promise.reject(new Error("no certificate")) },
    ...overrides,
  });
  const { url, port } = await server.listen("127.0.0.1", 0);
  const serverHarness: ServerHarness = {
    engine: harness,
    server,
    url,
    port,
    health: "ready",
    send: (path, sent) => send(port, path, sent),
    sendTo: send,
    async stop() {
      await server.close(AbortSignal.abort());
      await harness.stop();
    },
  };
  return serverHarness;
}

/** Returns the error in a response. */
export function errorOf({ text }: HarnessResponse): {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly code: string }[];
} {
  return (JSON.parse(text) as { error: { code: string; message: string } }).error;
}

function send(port: number, path: string, { headers = {}, ...sent }: Sent = {}): Promise<HarnessResponse> {
  return sendTo(port, path, { ...sent, headers: { "aeg-sas-key": SERVER_KEY, ...headers } });
}

/** Sends a request to a port of this machine with Node's own client: `fetch` cannot set the `Host` header. */
export function sendTo(
  port: number,
  path: string,
  { method = "POST", headers = {}, body }: Sent = {},
): Promise<HarnessResponse> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, path, method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    request.on("error", reject);
    request.end(body);
  });
}
