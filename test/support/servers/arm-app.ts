import type { Hono } from "hono";
import { DEFAULT_SUBSCRIPTION_ID } from "../../../src/core/resources/resource-id.ts";
import type { EngineDependencies } from "../../../src/engine/engine.ts";
import { createApp, type AppDependencies } from "../../../src/http/app.ts";
import { BodyBudget } from "../../../src/http/read-body.ts";
import type { StorageServices } from "../../../src/http/arm/arm-call.ts";
import { localEvaluator } from "../../../src/resource-manager/template/local-evaluator.ts";
import { SILENT_LOGGER } from "../../../src/ports/logger.ts";
import { countingRandom } from "../fixtures/counting-random.ts";
import { startEngineOfTest, type EngineHarness } from "./engine-harness.ts";

/** The default resource group. */
export const GROUP: string = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}/resourceGroups/ringmain`;
/** Path of Event Grid's resources in that group. */
export const EG: string = `${GROUP}/providers/Microsoft.EventGrid`;

/** Storage services without any account. */
export const NO_STORAGE: StorageServices = {
  endpoints: () => undefined,
  ready: () => Promise.resolve(),
  send: () => Promise.reject(new Error("not here")),
};

/** Returns the connection of a request for an app that has no socket. */
export function connectionFrom(remoteAddress: string): object {
  return { incoming: { socket: { remoteAddress } } };
}

/** Response of Resource Manager. */
export interface ArmReply {
  readonly status: number;
  readonly headers: Headers;
  // Tests inspect bodies of any form.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

/** Resource Manager without a socket, with an engine that has scripted destinations. */
export interface ArmApp {
  readonly harness: EngineHarness;
  /** All routes of the app. Middleware has the method `ALL`. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /**
   * Sends a call with a token and an API version, which `headers` and `path` may replace. The call comes from this
   * machine or from `address`.
   */
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
    address?: string,
  ) => Promise<ArmReply>;
}

/** Starts an app for the running test. */
export async function startArmApp(
  overrides: Partial<AppDependencies> = {},
  engineOverrides: Partial<EngineDependencies> = {},
): Promise<ArmApp> {
  const harness = await startEngineOfTest(engineOverrides);
  const { engine, clock } = harness;
  const app: Hono = createApp({
    engine,
    clock,
    random: countingRandom(),
    logger: SILENT_LOGGER,
    version: "test",
    admin: { kind: "local" },
    metrics: { access: { kind: "nobody" }, contentType: "text/plain", text: async () => "" },
    readiness: () => ({ health: "ready", waitingFor: "" }),
    makeBackup: () => Promise.reject(new Error("not here")),
    streams: { connect: () => () => {} },
    alerts: () => [],
    bodies: new BodyBudget(50_000_000),
    storage: NO_STORAGE,
    templates: localEvaluator,
    ...overrides,
  });
  return {
    harness,
    routes: app.routes,
    async call(method, path, body, headers = {}, address = "127.0.0.1") {
      const isRaw = body === undefined || typeof body === "string" || body instanceof ReadableStream;
      const text = isRaw ? body : JSON.stringify(body);
      const version = path.includes("?") ? "" : "?api-version=2022-06-15";
      const init = {
        method,
        headers: {
          host: "127.0.0.1:6500",
          authorization: "Bearer token",
          ...(text === undefined ? {} : { "content-type": "application/json" }),
          ...headers,
        },
        ...(text === undefined ? {} : { body: text, duplex: "half" as const }),
      };
      const url = `http://127.0.0.1:6500${path}${version}`;
      const reply = await app.request(url, init, connectionFrom(address));
      const answer = await reply.text();
      return {
        status: reply.status,
        headers: reply.headers,
        body: answer === "" ? undefined : (JSON.parse(answer) as unknown),
      };
    },
  };
}
