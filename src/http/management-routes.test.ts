import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { desiredSubscription, makeEvent, type EngineHarness } from "../../test/support/servers/engine-harness.ts";
import {
  errorOf,
  SERVER_KEY as key,
  startServerHarness,
  type HarnessResponse,
  type ServerHarness,
} from "../../test/support/servers/server-harness.ts";
import { RingmainError } from "../core/errors.ts";
import { SILENT_LOGGER, type LogFields } from "../ports/logger.ts";
import type { ServerDependencies } from "./server.ts";

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

describe("management routes", () => {
  const get = (path: string, headers: Record<string, string> = {}): Promise<HarnessResponse> =>
    send(path, { method: "GET", headers });

  it("report health without credentials", async () => {
    expect(await get("/healthz")).toMatchObject({ status: 200, text: '{"status":"ok"}' });
    expect(await get("/readyz")).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  });

  it.each([
    ["starting", "Ringmain is waiting for the test."],
    ["stopping", "Ringmain is stopping."],
    ["failed", "Ringmain has lost its store and is stopping. See the log for the reason."],
  ] as const)("report the reason why Ringmain is not ready while %s", async (health, reason) => {
    running.health = health;
    expect(await get("/healthz")).toMatchObject({ status: 200 });
    expect(await get("/readyz")).toMatchObject({ status: 503, text: JSON.stringify({ status: health, reason }) });
  });

  it.each([
    ["a name of somebody's own", { host: "evil.example:80" }],
    ["a page of another origin", { origin: "http://evil.example" }],
    ["a page of another site, by the browser's word", { "sec-fetch-site": "cross-site" }],
    ["a page of no origin", { origin: "null" }],
  ])("refuse a request that comes through %s", async (_how, headers) => {
    for (const path of ["/ringmain/quiesce", "/ringmain/subscriptions"]) {
      expect((await get(path, headers)).status).toBe(403);
    }
    expect((await send("/ringmain/topics/orders/listKeys", { headers })).status).toBe(403);
    expect((await send("/ringmain/backup", { headers })).status).toBe(403);
  });

  it.each(["forwarded", "x-forwarded-for", "x-real-ip", "via"])(
    "[EG-ACCESS-LOCAL] refuse requests through a proxy on this machine: %s",
    async (name) => {
      const answer = await get("/ringmain/quiesce", { [name]: "127.0.0.1" });
      expect(answer.status).toBe(403);
      expect(errorOf(answer).message).toContain(`'${name}'`);
    },
  );

  it("serve this machine", async () => {
    expect(await get("/ringmain/quiesce")).toMatchObject({ status: 200 });
    expect(
      (await get("/ringmain/quiesce", { host: `localhost:${port}`, origin: `http://localhost:${port}` })).status,
    ).toBe(200);
    expect((await get("/ringmain/quiesce", { origin: `https://127.0.0.1:${port}` })).status).toBe(200);
    expect(await send("/ringmain/backup")).toMatchObject({ status: 200, text: "abc" });
    const keys = await send("/ringmain/topics/orders/listKeys");
    expect(JSON.parse(keys.text)).toMatchObject({ endpoint: `${url}/topics/orders/api/events`, key1: key });
  });

  it("[EG-PROBATION] show failing endpoints and the end of their probation", async () => {
    const down = { kind: "failed", outcome: "SocketError", detail: "down" } as const;
    await harness.engine.controlPlane.put(desiredSubscription("ill"));
    harness.destination("ill").answer = () => down;
    await harness.publish(makeEvent());
    await harness.engine.idle();
    const shown = async (): Promise<unknown> =>
      (JSON.parse((await get("/ringmain/subscriptions")).text) as { value: { failing?: unknown }[] }).value[0]?.failing;
    expect(await shown()).toEqual({ failures: 1, lastOutcome: "SocketError" });
    harness.destination("ill").answer = () => ({ kind: "accepted" });
    await harness.fastForward(10_000);
    expect(await shown()).toBeUndefined();
  });

  it("show subscriptions with the state of their handshakes, and without secrets", async () => {
    const destination = {
      endpointType: "WebHook",
      properties: { endpointUrl: "http://localhost/hook?code=secret" },
    } as const;
    await harness.engine.controlPlane.put(desiredSubscription("all", { destination }));
    await harness.engine.quiesce();
    const answer = await get("/ringmain/subscriptions");
    expect(JSON.parse(answer.text)).toMatchObject({
      value: [
        {
          name: "all",
          provisioningState: "Succeeded",
          endpointBaseUrl: "http://localhost/hook",
          handshake: { status: "validated" },
          deliveries: { waiting: 0, locked: 0 },
        },
      ],
    });
    expect(answer.text).not.toContain("secret");
    const id = encodeURIComponent(desiredSubscription("all").id);
    expect((await send(`/ringmain/subscriptions/validate?id=${id}`)).status).toBe(202);
    await harness.engine.quiesce();
    expect(harness.destination("all").handshakes).toHaveLength(2);
    expect((await send("/ringmain/subscriptions/validate?id=nothing")).status).toBe(404);
  });

  it("[EG-HANDSHAKE-URL] show one subscription by its id, with the validation URL until the handshake is complete", async () => {
    const { id } = desiredSubscription("mute");
    harness.destination("mute").consent = () => ({ kind: "failed", detail: "It answered 404." });
    await harness.engine.controlPlane.put(desiredSubscription("mute"));
    await harness.engine.controlPlane.put(desiredSubscription("other"));
    await harness.engine.quiesce();
    const below = id.replace(/\/providers\/Microsoft.EventGrid\/(eventSubscriptions)/, "/$1");
    const shown = async (by = id): Promise<unknown> =>
      JSON.parse((await get(`/ringmain/subscriptions?id=${encodeURIComponent(by)}`)).text);
    const validationUrl = expect.stringContaining("/eventsubscriptions/mute/validate?id=") as string;
    const handshake = { status: "failed", detail: "It answered 404.", inProgress: true, validationUrl };
    expect(await shown()).toMatchObject({ value: [{ name: "mute", provisioningState: "Succeeded", handshake }] });
    expect(await shown(below)).toEqual(await shown());
    const code = harness.destination("mute").handshakes[0]?.validationCode ?? "";
    await harness.engine.handshakes.confirm("mute", code);
    expect(JSON.stringify(await shown())).not.toContain("validationUrl");
    expect(JSON.parse((await get("/ringmain/subscriptions?id=none")).text)).toEqual({ value: [] });
  });

  it("serve requests under a configured name of this machine", async () => {
    await running.stop();
    await startServer({ admin: { kind: "local", names: ["ringmain"] } });
    expect((await get("/ringmain/quiesce", { host: "Ringmain:6500" })).status).toBe(200);
    expect((await get("/ringmain/quiesce", { host: "other:6500" })).status).toBe(403);
    expect((await get("/ringmain/quiesce", { host: "ringmain", origin: "http://evil.example" })).status).toBe(403);
  });

  it("[EG-ACCESS-KEY] require the key if one is configured, and are off in production without one", async () => {
    await running.stop();
    await startServer({ admin: { kind: "key", key: "the admin key" } });
    expect((await get("/ringmain/quiesce")).status).toBe(401);
    expect((await get("/ringmain/quiesce", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await get("/ringmain/quiesce", { authorization: "Bearer the admin key" })).status).toBe(200);
    const proxied = { authorization: "bearer the admin key", host: "ringmain.example", "x-forwarded-for": "10.0.0.1" };
    expect((await get("/ringmain/quiesce", proxied)).status).toBe(200);
    await running.stop();
    await startServer({ admin: { kind: "nobody" } });
    expect((await get("/ringmain/quiesce")).status).toBe(403);
  });

  it("log failures as errors, and not what is not supported", async () => {
    await running.stop();
    const error = vi.fn<(event: string, fields?: LogFields) => void>();
    const makeBackup = (): Promise<never> => Promise.reject(new RingmainError("not_supported", "Nothing lasts here."));
    await startServer({ makeBackup, logger: { ...SILENT_LOGGER, error } });
    expect((await send("/ringmain/backup")).status).toBe(501);
    expect(error).not.toHaveBeenCalled();
    await running.stop();
    await startServer({ makeBackup: () => Promise.reject(new Error("x")), logger: { ...SILENT_LOGGER, error } });
    expect((await send("/ringmain/backup")).status).toBe(500);
    expect(error).toHaveBeenCalledOnce();
  });

  it("log refused callers without their credentials, with a limited number of lines", async () => {
    const lines: LogFields[] = [];
    await running.stop();
    const warn = (event: string, fields: LogFields = {}): void => {
      if (event === "access_refused") lines.push(fields);
    };
    await startServer({ admin: { kind: "key", key: "the admin key" }, logger: { ...SILENT_LOGGER, warn } });
    const refuse = () => get("/ringmain/quiesce?access_token=secret", { authorization: "Bearer secret" });
    for (let sent = 0; sent < 30; sent += 1) await refuse();
    const line = { status: 401, method: "GET", path: "/ringmain/quiesce", address: "127.0.0.1" };
    expect(lines).toEqual(Array.from({ length: 10 }, () => line));
    await harness.fastForward(60_000);
    await refuse();
    expect(lines.at(-1)).toEqual({ ...line, leftOut: 20 });
    expect(lines).toHaveLength(11);
  });

  it("[EG-HANDSHAKE-MANUAL] the validation URL completes the handshake by GET or POST", async () => {
    const destination = harness.destination("all");
    destination.consent = () => ({ kind: "awaiting-manual-action", detail: "asked" });
    await harness.engine.controlPlane.put(desiredSubscription("all"));
    await harness.engine.idle();
    const code = destination.handshakes[0]?.validationCode ?? "";
    expect((await get(`/eventsubscriptions/all/validate?id=wrong`)).status).toBe(404);
    expect((await send(`/eventsubscriptions/all/validate?id=${code}`)).status).toBe(200);
    expect(harness.engine.directory.get(desiredSubscription("all").id)?.resource).toMatchObject({
      properties: { provisioningState: "Succeeded" },
    });
  });

  it("return an error with a hint for an unknown path", async () => {
    const answer = await get("/nothing");
    expect(answer.status).toBe(404);
    expect(errorOf(answer).message).toContain("/nothing");
  });
});
