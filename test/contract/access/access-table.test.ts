import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_SUBSCRIPTION_ID, eventSubscriptionId, topicId } from "../../../src/core/resources/resource-id.ts";
import { GROUP } from "../../support/servers/arm-app.ts";
import { desiredSubscription } from "../../support/fixtures/desired-resources.ts";
import { APP_ROWS, STREAM_TOKEN, VALIDATION_CODE, type Row } from "./app-rows.ts";
import { ARM_ROWS } from "./arm-rows.ts";
import { CALLERS, senderOf, type Caller, type Sender } from "./callers.ts";
import { column } from "./grids.ts";
import { SETTING_NAMES, startSubject, type Setting, type Subject } from "./settings.ts";

const SUBSCRIPTION = `/subscriptions/${DEFAULT_SUBSCRIPTION_ID}`;
/** Routes that only check access and serve nothing. */
const GUARDS = ["ALL /*", "ALL /*", "ALL /metrics/*", "ALL /ringmain/*"];

const subjects = new Map<Setting, { readonly subject: Subject; readonly senders: ReadonlyMap<Caller, Sender> }>();

beforeAll(async () => {
  for (const setting of SETTING_NAMES) {
    const subject = await startSubject(setting);
    await addSubscriptions(subject);
    const senders = new Map<Caller, Sender>();
    for (const caller of CALLERS) senders.set(caller, await senderOf(caller, subject));
    subjects.set(setting, { subject, senders });
  }
});

afterAll(async () => {
  for (const { subject } of subjects.values()) await subject.stop();
});

async function addSubscriptions({ harness: { engine, store } }: Subject): Promise<void> {
  const { controlPlane, directory } = engine;
  const stream = { endpointType: "Stream", properties: { accessToken: STREAM_TOKEN } } as const;
  await controlPlane.put(desiredSubscription("watched", { destination: stream }));
  const { resource } = await controlPlane.put(desiredSubscription("webhook"));
  await engine.idle();
  if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") throw new Error("not a subscription");
  const current = directory.get(eventSubscriptionId(topicId("orders"), "webhook"))?.resource ?? resource;
  const { handshake } = current.type === resource.type ? current.properties : resource.properties;
  if (handshake === undefined || current.type !== resource.type) throw new Error("no handshake");
  const known = { ...handshake, validationCode: VALIDATION_CODE };
  const changed = { ...current, properties: { ...current.properties, handshake: known } };
  directory.apply({ id: changed.id, after: await store.resources.put(changed, { kind: "any" }) });
}

/** Returns the routes that are registered in any of the configurations. */
function registered(): string[] {
  const routes = Array.from(subjects.values(), ({ subject: { app, access } }) => {
    const instance = access.identity?.issuer.instance ?? "";
    return app.routes.map(
      ({ method, path }) => `${method} ${instance === "" ? path : path.replace(instance, ":instance")}`,
    );
  });
  // Middleware is registered once for each configuration. A route with the same path and method would be missed.
  const [guards = []] = routes.map((each) => each.filter((route) => route.startsWith("ALL ")));
  expect(guards.toSorted()).toEqual(GUARDS);
  return [...new Set(routes.flat())].filter((route) => !route.startsWith("ALL ")).toSorted();
}

async function answerTo({ app, access }: Subject, sender: Sender, row: Row): Promise<string> {
  const path = row.path.replace(":instance", access.identity?.issuer.instance ?? "none");
  const incoming = { socket: { remoteAddress: sender.address } };
  const outgoing = new ServerResponse(new IncomingMessage(new Socket()));
  const init = {
    method: row.method,
    headers: { host: "127.0.0.1:6500", ...row.headers, ...sender.headers },
    ...(row.body === undefined ? {} : { body: row.body }),
  };
  const { status } = await app.request(`http://127.0.0.1:6500${path}`, init, { incoming, outgoing });
  outgoing.destroy();
  return status < 400 || row.otherwise?.includes(status) === true ? "ok" : String(status);
}

/** Checks one row of requests in every configuration, for every caller. */
async function check(row: Row): Promise<void> {
  for (const [setting, { subject, senders }] of subjects) {
    const answers: Record<string, string> = {};
    for (const [caller, sender] of senders) answers[caller] = await answerTo(subject, sender, row);
    expect({ setting, ...answers }).toEqual({ setting, ...column(row.grid, setting) });
  }
}

/** Shortens a path for a test's name. */
const shown = (path: string): string =>
  path.replace(/\?.*/, "").replace(GROUP, "{group}").replace(SUBSCRIPTION, "{subscription}");

const appRows = Object.entries(APP_ROWS).flatMap(([route, rows]) =>
  [rows]
    .flat()
    .map((row): [string, Row] => [`${route.split(" ")[0]} ${row.path}`, { method: route.split(" ")[0] ?? "", ...row }]),
);

describe("access to the app", () => {
  it("has a row for every route, and no other", () => {
    expect(Object.keys(APP_ROWS).toSorted()).toEqual(registered());
  });

  it.each(appRows)("[EG-ACCESS-LOCAL] [EG-ACCESS-KEY] %s", async (_route, row) => check(row));
});

describe("access to Resource Manager", () => {
  it.each(ARM_ROWS.map((row): [string, Row] => [`${row.method} ${shown(row.path)}`, row]))(
    "[ARM-AUTH] [ARM-AUTH-TOKEN] [ARM-AUTH-ROLE] %s",
    async (_route, row) => check(row),
  );
});
