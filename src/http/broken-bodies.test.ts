import { describe, expect, it } from "vitest";
import { oneRsaKey } from "../../test/support/fixtures/rsa-keys.ts";
import { EG, startArmApp, type ArmApp } from "../../test/support/servers/arm-app.ts";
import { createLineLogger, type LogLine } from "../app/system/line-logger.ts";
import { LocalIssuer } from "../auth/local-issuer/local-issuer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { BodyBudget } from "./read-body.ts";

const random = {
  next: () => 0,
  uuid: () => crypto.randomUUID(),
  secretBytes: (bytes: number) => new Uint8Array(bytes),
};

/** Starts an app that issues tokens. Returns it with its log and the room for bodies. */
async function start(budget = 1_000): Promise<ArmApp & { readonly lines: LogLine[]; readonly bodies: BodyBudget }> {
  const lines: LogLine[] = [];
  const clock = new ManualClock();
  const bodies = new BodyBudget(budget);
  const issuer = new LocalIssuer({
    instance: crypto.randomUUID(),
    privateKey: oneRsaKey(),
    clients: [],
    strangersRoles: [],
    now: () => 0,
    newId: random.uuid,
  });
  const app = await startArmApp({
    logger: createLineLogger("debug", (line) => lines.push(line)),
    identity: { issuer, anybody: undefined, clock, random },
    bodies,
  });
  return { ...app, lines, bodies };
}

/** Returns a body of which eleven bytes arrive before the connection breaks. */
function brokenBody(): ReadableStream<Uint8Array> {
  let hasSent = false;
  return new ReadableStream({
    pull(controller) {
      if (hasSent) controller.error(new Error("aborted"));
      else controller.enqueue(Buffer.from("grant_type="));
      hasSent = true;
    },
  });
}

const CALLS: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/adfs/oauth2/token"],
  ["POST", "/common/oauth2/v2.0/token"],
  ["PUT", `${EG}/topics/made`],
  ["POST", "/ringmain/system-events"],
];

describe("a client that breaks off in the middle of a body", () => {
  it.each(CALLS)("is no failure of Ringmain, and its room is released: %s %s", async (method, path) => {
    const { call, lines, bodies } = await start();
    const { status, body } = await call(method, path, brokenBody());
    expect({ status, body: body as unknown }).toMatchObject({
      status: 408,
      body: { error: { code: "RequestTimeout", message: "The request ended before its body was complete." } },
    });
    expect(lines.filter(({ level }) => level !== "debug")).toEqual([]);
    bodies.take(1_000);
  });
});

describe("the room for bodies", () => {
  it.each(CALLS)("limits %s %s", async (method, path) => {
    const { call } = await start(10);
    expect((await call(method, path, '{"tags":{}}')).status).toBe(429);
  });
});
