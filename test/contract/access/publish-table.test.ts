import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  domainId,
  partnerNamespaceId,
  partnerRegistrationId,
  topicId,
} from "../../../src/core/resources/resource-id.ts";
import { PUBLISH_TYPES, RESOURCE_KINDS } from "../../../src/core/kinds/index.ts";
import type { PublishTarget } from "../../../src/core/resources/resources.ts";
import { HttpServer } from "../../../src/http/server.ts";
import { desiredDomain, desiredTopic } from "../../support/fixtures/desired-resources.ts";
import { sendTo } from "../../support/servers/server-harness.ts";
import { KEY1, KEY2, OTHER_KEY, publishColumn, PUBLISHERS, type Target } from "./publish-callers.ts";
import { SETTING_NAMES, startSubject, type Setting, type Subject } from "./settings.ts";

/** A server with sockets in one configuration. */
interface Served {
  readonly subject: Subject;
  readonly server: HttpServer;
  readonly port: number;
  /** Port of the topic `orders` only. */
  readonly topicPort: number;
}

const servers = new Map<Setting, Served>();
const keys = { key1: KEY1, key2: KEY2 };
/** Id of one resource of every kind that accepts events. */
const IDS: Readonly<Record<PublishTarget["type"], string>> = {
  "Microsoft.EventGrid/topics": topicId("orders"),
  "Microsoft.EventGrid/domains": domainId("shops"),
  "Microsoft.EventGrid/partnerNamespaces": partnerNamespaceId("contoso"),
};

beforeAll(async () => {
  for (const setting of SETTING_NAMES) {
    const subject = await startSubject(setting);
    await addTargets(subject);
    const server = new HttpServer(subject.server);
    const { port } = await server.listen("127.0.0.1", 0);
    const topics = await server.listenForTopics("127.0.0.1", new Map([["orders", 0]]));
    servers.set(setting, { subject, server, port, topicPort: topics.get("orders")?.port ?? 0 });
  }
});

afterAll(async () => {
  for (const { server, subject } of servers.values()) {
    await server.close(AbortSignal.abort());
    await subject.stop();
  }
});

async function addTargets({ harness: { engine } }: Subject): Promise<void> {
  const { controlPlane } = engine;
  await controlPlane.put({ ...desiredTopic(), keys });
  await controlPlane.put({ ...desiredTopic("other"), keys: { key1: OTHER_KEY } });
  const closed = desiredTopic("closed");
  await controlPlane.put({ ...closed, properties: { ...closed.properties, disableLocalAuth: true }, keys });
  const walled = desiredTopic("walled");
  const inboundIpRules = [{ ipMask: "192.0.2.0/24" }];
  await controlPlane.put({ ...walled, properties: { ...walled.properties, inboundIpRules }, keys });
  await controlPlane.put({ ...desiredDomain(), keys });
  const registration = partnerRegistrationId("contoso");
  await controlPlane.put({
    id: registration,
    name: "contoso",
    type: "Microsoft.EventGrid/partnerRegistrations",
    location: "global",
    properties: {},
  });
  await controlPlane.put({
    id: partnerNamespaceId("contoso"),
    name: "contoso",
    type: "Microsoft.EventGrid/partnerNamespaces",
    location: "local",
    keys,
    properties: {
      partnerRegistrationFullyQualifiedId: registration,
      partnerTopicRoutingMode: "SourceEventAttribute",
    },
  });
}

const BODY = JSON.stringify([
  { id: "1", eventType: "t", subject: "s", eventTime: "2026-01-01T00:00:00Z", data: {}, dataVersion: "1" },
]);
/**
 * Statuses of authorized requests. Some are refused for their content: a domain's event must name a topic, and
 * partners must send CloudEvents.
 */
const LET_IN = [200, 400, 415];

/** Returns the result of each publisher: a status, or `ok` for an authorized one, whatever the status of its event. */
async function results(
  port: number,
  target: Target,
  subject: Subject,
  method: string,
): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, [publisher]] of Object.entries(PUBLISHERS)) {
    const { headers = {}, query = "" } = await publisher(target, subject);
    const sent = { method, headers: { host: target.host, ...headers }, ...(method === "POST" && { body: BODY }) };
    const { status } = await sendTo(port, `${target.path}?api-version=2018-01-01&${query}`, sent);
    found[name] = LET_IN.includes(status) ? "ok" : String(status);
  }
  return found;
}

async function check(targetOf: (served: Served) => Target & { readonly port: number }): Promise<void> {
  for (const [setting, served] of servers) {
    const { port, ...target } = targetOf(served);
    for (const method of ["POST", "OPTIONS"]) {
      const found = await results(port, target, served.subject, method);
      expect({ setting, method, ...found }).toEqual({ setting, method, ...publishColumn(setting) });
    }
  }
}

describe("[EG-AUTH-KEY] [EG-ENTRA-ROLE] [EG-ISSUER-INSTANCE] who may publish", () => {
  const kinds = PUBLISH_TYPES.map((type) => [RESOURCE_KINDS[type].endpoint.segment, IDS[type]] as const);
  const nameOf = (id: string): string => id.slice(id.lastIndexOf("/") + 1);

  it.each(kinds)("to /%s/{name}", async (segment, id) => {
    await check(({ port }) => ({ port, host: `127.0.0.1:${port}`, path: `/${segment}/${nameOf(id)}/api/events` }));
  });

  it.each(kinds)("to the id of one of /%s", async (_segment, id) => {
    await check(({ port }) => ({ port, host: `127.0.0.1:${port}`, path: `${id}/api/events` }));
  });

  it.each(kinds)("to the host of one of /%s", async (_segment, id) => {
    await check(({ port }) => ({ port, host: `${nameOf(id)}.local-1.eventgrid.localhost`, path: "/api/events" }));
  });

  it("to a topic's own port", async () => {
    await check(({ topicPort: port }) => ({ port, host: `127.0.0.1:${port}`, path: "/api/events" }));
  });

  it.each(kinds)("[EG-HEALTH] to the health of one of /%s: without credentials", async (segment, id) => {
    for (const [setting, { subject, port }] of servers) {
      const target = { host: `127.0.0.1:${port}`, path: `/${segment}/${nameOf(id)}/api/health` };
      const found = await results(port, target, subject, "GET");
      expect({ setting, results: [...new Set(Object.values(found))] }).toEqual({ setting, results: ["ok"] });
    }
  });

  it("[EG-AUTH-DISABLED] to a topic without keys: only with a token", async () => {
    for (const [setting, { subject, port }] of servers) {
      const target = { host: `127.0.0.1:${port}`, path: "/topics/closed/api/events" };
      const expected = Object.entries(publishColumn(setting)).map(([name, answer]) => {
        return [name, name.startsWith("token") ? answer : "401"] as const;
      });
      const found = await results(port, target, subject, "POST");
      expect({ setting, ...found }).toEqual({ setting, ...Object.fromEntries(expected) });
    }
  });

  it("[EG-INBOUND-RULES] to a topic that accepts no events from this address: never", async () => {
    for (const [setting, { subject, port }] of servers) {
      const target = { host: `127.0.0.1:${port}`, path: "/topics/walled/api/events" };
      const found = await results(port, target, subject, "POST");
      expect({ setting, results: [...new Set(Object.values(found))] }).toEqual({ setting, results: ["403"] });
    }
  });
});
