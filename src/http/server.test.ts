import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { desiredSubscription, desiredTopic, type EngineHarness } from "../../test/support/servers/engine-harness.ts";
import {
  errorOf,
  SERVER_KEY as key,
  startServerHarness,
  type HarnessResponse,
  type ServerHarness,
} from "../../test/support/servers/server-harness.ts";
import { topicId } from "../core/resources/resource-id.ts";
import type { AdminAccess } from "./access/admin-only.ts";
import type { ServerDependencies } from "./server.ts";

const event = { id: "1", subject: "s", eventType: "t", eventTime: "2026-01-01T00:00:00Z", data: {} };

let running: ServerHarness;
let harness: EngineHarness;
let url: string;
let port: number;
const send: ServerHarness["send"] = (path, sent) => running.send(path, sent);

async function startServer(overrides: Partial<ServerDependencies> = {}): Promise<void> {
  running = await startServerHarness(overrides);
  ({ engine: harness, url, port } = running);
}

beforeEach(() => startServer());
afterEach(() => running.stop());

const publishPath = "/topics/orders/api/events?api-version=2018-01-01";
const body = JSON.stringify([event]);

describe("publishing", () => {
  it("[EG-PUBLISH-OK] returns 200 with an empty body once the delivery is durable", async () => {
    await harness.engine.controlPlane.put(desiredSubscription("all"));
    const answer = await send(publishPath, { body });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(answer.headers).toMatchObject({ "content-length": "0", "api-supported-versions": "2018-01-01" });
    expect(answer.headers["x-ms-request-id"]).toMatch(/^[0-9a-f-]{36}$/);
    await harness.engine.idle();
    expect(harness.destination("all").attempts).toHaveLength(1);
  });

  it.each([
    ["the topic's name", "/topics/orders/api/events", {}],
    ["a trailing slash and other case", "/TOPICS/Orders/API/Events/", {}],
    ["the topic's ARM id", `${topicId("orders")}/api/events`, {}],
    ["the ARM id in lower case", `${topicId("orders").toLowerCase()}/api/events`, {}],
    ["a host named like the topic", "/api/events", { host: "orders.local-1.eventgrid.localhost:80" }],
  ])("[EG-PUBLISH-ADDRESS] finds the topic by %s", async (_how, path, headers) => {
    expect((await send(path, { headers, body })).status).toBe(200);
  });

  it.each([
    ["an unknown topic", "/topics/nothing/api/events", 404, "ResourceNotFound"],
    ["an unknown host", "/api/events", 404, "ResourceNotFound"],
    ["an unknown version", "/topics/orders/api/events?api-version=2000-01-01", 400, "InvalidApiVersion"],
  ])("[EG-PUBLISH-ADDRESS] [EG-PUBLISH-VERSION] refuses %s", async (_what, path, status, detail) => {
    const answer = await send(path, { body });
    expect(answer.status).toBe(status);
    expect(errorOf(answer).details?.[0]?.code).toBe(detail);
  });

  it("[EG-PUBLISH-ADDRESS] finds the topic by a port of its own, while it has one", async () => {
    const own = (await running.server.listenForTopics("127.0.0.1", new Map([["orders", 0]]))).get("orders")?.port ?? 0;
    const status = async (at: number): Promise<number> =>
      (await running.sendTo(at, "/api/events", { headers: { connection: "close" }, body })).status;
    expect(await status(own)).toBe(200);
    expect((await running.server.listenForTopics("127.0.0.1", new Map([["orders", 0]]))).get("orders")?.port).toBe(own);
    expect(await status(port)).toBe(404);
    expect((await running.server.listenForTopics("127.0.0.1", new Map())).size).toBe(0);
    await expect(status(own)).rejects.toThrow("ECONNREFUSED");
  });

  it("[EG-PUBLISH-VERSION] needs no version", async () => {
    expect((await send("/topics/orders/api/events", { body })).status).toBe(200);
  });

  it.each([["GET"], ["PUT"], ["DELETE"], ["PATCH"]])("[EG-PUBLISH-METHODS] returns 405 to %s", async (method) => {
    const answer = await send(publishPath, { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.allow).toBe("OPTIONS, POST");
    expect(errorOf(answer)).toMatchObject({ code: "MethodNotAllowed", details: [{ code: "MethodNotAllowed" }] });
  });

  it("[EG-PUBLISH-METHODS] returns 404 without a body to HEAD", async () => {
    expect(await send(publishPath, { method: "HEAD" })).toMatchObject({ status: 404, text: "" });
  });

  it.each([
    ["EventGridSchema", "EventGridEvent"],
    ["CloudEventSchemaV1_0", "CloudEventV10"],
    ["CustomEventSchema", "CustomInputEvent"],
  ] as const)("[EG-PUBLISH-OPTIONS] returns %s to OPTIONS", async (inputSchema, shown) => {
    const topic = desiredTopic("other");
    await harness.engine.controlPlane.put({ ...topic, keys: { key1: key }, properties: { inputSchema } });
    const answer = await send("/topics/other/api/events", { method: "OPTIONS" });
    expect(answer).toMatchObject({ status: 200, text: "" });
    expect(answer.headers).toMatchObject({
      allow: "POST,OPTIONS",
      "api-supported-versions": "2018-01-01",
      "aeg-input-event-schema": shown,
    });
    expect(
      (await send("/topics/other/api/events", { method: "OPTIONS", headers: { "aeg-sas-key": "x" } })).status,
    ).toBe(401);
  });

  it("checks credentials before it reads the body", async () => {
    const answer = await send(publishPath, { headers: { "aeg-sas-key": "d3Jvbmc=", "content-length": "100" } });
    expect(answer.status).toBe(401);
    expect(errorOf(answer).message).toContain(`127.0.0.1:${port}`.toUpperCase());
  });

  it("[EG-LIMIT-REQUEST] refuses a body over the limit, announced or not, and accepts one at the limit", async () => {
    const filler = (bytes: number): string => {
      const small = JSON.stringify([event, { ...event, data: "" }]);
      const half = Math.floor((bytes - small.length) / 2);
      const events = [
        { ...event, data: "x".repeat(half - 1) },
        { ...event, data: "x".repeat(bytes - small.length - half - 1) },
      ];
      return JSON.stringify(events).padEnd(bytes);
    };
    const over = filler(1_536_001);
    const announced = await send(publishPath, { body: over });
    const chunked = await send(publishPath, { body: over, headers: { "transfer-encoding": "chunked" } });
    for (const answer of [announced, chunked]) {
      expect(answer.status).toBe(413);
      expect(errorOf(answer)).toMatchObject({
        code: "RequestEntityTooLarge",
        message: "The maximum size (1536000) has been exceeded.",
        details: [{ code: "PayloadTooLarge" }],
      });
    }
    expect((await send(publishPath, { body: filler(1_536_000) })).status).toBe(200);
  });

  it("refuses while it starts, so that no topic seems to be missing", async () => {
    running.health = "starting";
    const answer = await send("/topics/not-there-yet/api/events", { body });
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBeDefined();
  });

  it("returns 503 if the events cannot be stored", async () => {
    await harness.engine.controlPlane.put(desiredSubscription("all"));
    harness.store.queue.enqueue = () => Promise.reject(new Error("disk full"));
    const answer = await send(publishPath, { body });
    expect(answer.status).toBe(503);
    expect(errorOf(answer).code).toBe("ServiceUnavailable");
    expect(answer.text).not.toContain("disk full");
  });
});

describe("a topic's health", () => {
  const ask = (path: string, method = "GET", headers: Record<string, string> = {}): Promise<HarnessResponse> =>
    send(path, { method, headers: { "aeg-sas-key": "", ...headers } });

  it.each([
    ["the topic's name", "/topics/orders/api/health", {}],
    ["a trailing slash and other case", "/TOPICS/Orders/API/Health/", {}],
    ["the topic's ARM id", `${topicId("orders")}/api/health`, {}],
    ["a host named like the topic", "/api/health", { host: "orders.local-1.eventgrid.localhost:80" }],
  ])("[EG-HEALTH] is 200 without credentials, by %s", async (_how, path, headers) => {
    expect(await ask(path, "GET", headers)).toMatchObject({ status: 200, text: "" });
    expect(await ask(path, "HEAD", headers)).toMatchObject({ status: 200, text: "" });
  });

  it("[EG-HEALTH] is 200 at the topic's own port", async () => {
    const own = (await running.server.listenForTopics("127.0.0.1", new Map([["orders", 0]]))).get("orders")?.port ?? 0;
    expect((await running.sendTo(own, "/api/health", { method: "GET" })).status).toBe(200);
  });

  it("[EG-HEALTH] is 404 for an unknown topic, and 405 for other methods", async () => {
    expect(await ask("/topics/nothing/api/health")).toMatchObject({ status: 404 });
    expect(await ask("/api/health")).toMatchObject({ status: 404 });
    const posted = await ask("/topics/orders/api/health", "POST");
    expect(posted).toMatchObject({ status: 405, headers: { allow: "HEAD, GET" } });
    expect(errorOf(posted).message).toContain("use GET or HEAD");
  });

  it.each(["starting", "stopping", "failed"] as const)("[EG-HEALTH] is 503 while Ringmain is %s", async (health) => {
    running.health = health;
    const answer = await ask("/topics/orders/api/health");
    expect(answer.status).toBe(503);
    expect(answer.headers["retry-after"]).toBe("1");
  });
});

describe("bodies of all publishers together", () => {
  it("are limited: further publishers are asked to retry", async () => {
    await running.stop();
    await startServer({ limits: { connections: 100, bodyBytesInFlight: 1_000, requestTimeoutMs: 60_000 } });
    const answer = await send(publishPath, { body: body.padEnd(1_001) });
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBeDefined();
    expect((await send(publishPath, { body })).status).toBe(200);
  });
});

/** Sends bytes over a raw connection. Resolves with the response. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => (answer += chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

describe("events about publish requests", () => {
  const answers = (): unknown[] =>
    harness.engineEvents.flatMap((reported) => {
      if (reported.kind !== "publish-answered") return [];
      const { at: _at, durationMs: _durationMs, ...rest } = reported;
      return [rest];
    });
  const topic = { id: topicId("orders"), inputSchema: "EventGridSchema" };
  const publisher = { address: "127.0.0.1", authentication: "Key" };

  it("report publisher, topic and result, without the query, which may contain a key", async () => {
    await send(publishPath, { body });
    await send(`/topics/orders/api/events?aeg-sas-key=${key}`, { body: "{}" });
    await send("/topics/nothing/api/events", { body });
    const failed = { url: `${url}/topics/orders/api/events`, code: "input_json_invalid" };
    expect(answers()).toEqual([
      { kind: "publish-answered", topic, publisher },
      {
        kind: "publish-answered",
        topic,
        publisher,
        failure: { ...failed, message: expect.stringContaining("expected") as string },
      },
      {
        kind: "publish-answered",
        publisher,
        failure: {
          code: "not_found",
          url: `${url}/topics/nothing/api/events`,
          message: expect.stringContaining("There is no topic") as string,
        },
      },
    ]);
  });

  it.each<[string, Record<string, string>, string, string]>([
    ["a token of its own header", { "aeg-sas-token": "r=x" }, "", "SASToken"],
    ["a token as authorization", { authorization: "SharedAccessSignature r=x" }, "", "SASToken"],
    ["an Entra token", { authorization: "Bearer x" }, "", "AADAccessToken"],
    ["a key in the query", {}, "?aeg-sas-key=x", "Key"],
    ["nothing", {}, "", "Unknown"],
  ])("report the kind of %s, valid or not [EG-DIAGNOSTIC-REQUESTS]", async (_what, headers, query, authentication) => {
    await fetch(`${url}/topics/orders/api/events${query}`, { method: "POST", headers, body });
    expect(answers()).toMatchObject([{ publisher: { ...publisher, authentication } }]);
  });
});

describe("metrics", () => {
  const scrape = (headers: Record<string, string> = {}): Promise<HarnessResponse> =>
    send("/metrics", { method: "GET", headers });

  it("can be read from this machine, with Prometheus' content type", async () => {
    const answer = await scrape();
    expect(answer).toMatchObject({ status: 200, text: "up 1\n", headers: { "content-type": "text/plain" } });
    expect((await scrape({ host: "rebound.example.org" })).status).toBe(403);
  });

  it("require their key if one is configured, and are off in production without one", async () => {
    const restart = async (access: AdminAccess): Promise<void> => {
      await running.stop();
      await startServer({ metrics: { access, contentType: "text/plain", text: async () => "up 1\n" } });
    };
    await restart({ kind: "key", key: "a key for the scraper" });
    const refused = await scrape();
    expect(refused.status).toBe(401);
    expect(errorOf(refused).message).toBe(
      "Requests for metrics need the header 'Authorization: Bearer <metrics.key>'.",
    );
    expect((await scrape({ authorization: "Bearer a key for the scraper" })).status).toBe(200);
    await restart({ kind: "nobody" });
    expect((await scrape()).status).toBe(403);
  });
});

describe("invalid HTTP", () => {
  it.each([
    ["garbage", "\u0000\u0001garbage\r\n\r\n", "400 Bad Request"],
    [
      "headers without end",
      `GET / HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      "431 Request Header Fields Too Large",
    ],
    ["two lengths", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "400 Bad Request"],
  ])("gets a response in Azure's format: %s", async (_what, text, status) => {
    const answer = await raw(text);
    expect(answer).toContain(`HTTP/1.1 ${status}`);
    expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ error: { details: [{}] } });
    expect((await send(publishPath, { body })).status).toBe(200);
  });
});
