import { createHmac } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { delivery, destinations, NEVER, NOW, subscriberTo } from "../../../test/contract/destination-fixtures.ts";
import { answers, Peer } from "../../../test/contract/destination-peer.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { WebHookProperties } from "../../core/destinations/web-hook.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { DeliveryToken, DeliveryTokenRequest } from "../../ports/delivery-tokens.ts";
import type { Destination } from "../../ports/destination.ts";

const AUDIENCE = "api://receiver";
const SECRET = `whsec_${Buffer.from("a secret of twenty-four b").toString("base64")}`;

describe("webhookClient", () => {
  let peer: Peer;
  let asked: DeliveryTokenRequest[] = [];
  let token: DeliveryToken = { kind: "token", token: "the-token" };
  let now = NOW;
  const get = async (request: DeliveryTokenRequest): Promise<DeliveryToken> => {
    asked.push(request);
    return token;
  };
  const factory = destinations({ webhookIdentity: { tokens: { get }, now: () => now } });
  beforeAll(async () => {
    peer = await Peer.start();
  });
  afterEach(() => {
    peer.behaviour = answers(200);
    peer.requests.length = 0;
    asked = [];
    token = { kind: "token", token: "the-token" };
    now = NOW;
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  const open = (properties: Partial<WebHookProperties>, overrides: Partial<Subscriber> = {}): Destination => {
    const endpointUrl = `${peer.origin}/hook`;
    return factory.open(
      subscriberTo({ endpointType: "WebHook", properties: { endpointUrl, ...properties } }, overrides),
    );
  };
  const handshake = { now: NOW, eventId: "event", validationCode: "code", validationUrl: "http://127.0.0.1/" };

  it("adds nothing by default", async () => {
    await open({}).deliver([delivery()], NOW, NEVER);
    expect(asked).toEqual([]);
    expect(peer.last.headers).not.toHaveProperty("authorization");
    expect(peer.last.headers).not.toHaveProperty("webhook-signature");
  });

  it("[EG-ENTRA-WEBHOOK] adds a token for the application to every request", async () => {
    const azureActiveDirectoryTenantId = "a tenant";
    const properties = { azureActiveDirectoryTenantId, azureActiveDirectoryApplicationIdOrUri: AUDIENCE };
    const destination = open(properties);
    await destination.deliver([delivery()], NOW, NEVER);
    await destination.handshake?.(handshake, NEVER);
    await open(properties, { eventDeliverySchema: "CloudEventSchemaV1_0" }).handshake?.(handshake, NEVER);
    expect(peer.requests.map(({ method, headers }) => [method, headers.authorization])).toEqual([
      ["POST", "Bearer the-token"],
      ["POST", "Bearer the-token"],
      ["OPTIONS", "Bearer the-token"],
    ]);
    expect(asked[0]).toEqual({ tenantId: "a tenant", audience: AUDIENCE, source: topicId("orders") });
  });

  it("[EG-ENTRA-WEBHOOK] adds a token of the topic's identity if the subscription delivers with it", async () => {
    const deliveryIdentity = { type: "SystemAssigned" } as const;
    await open({ azureActiveDirectoryApplicationIdOrUri: AUDIENCE }, { deliveryIdentity }).deliver(
      [delivery()],
      NOW,
      NEVER,
    );
    expect(asked).toEqual([{ audience: AUDIENCE, source: topicId("orders"), identity: deliveryIdentity }]);
  });

  it("[EG-ENTRA-WEBHOOK] replaces an attribute with the token's name", async () => {
    const deliveryAttributeMappings = [
      { name: "Authorization", type: "Static", properties: { value: "Basic eA==" } },
      { name: "x-authorization", type: "Static", properties: { value: "Authorization" } },
    ] as const;
    const destination = open({ azureActiveDirectoryApplicationIdOrUri: AUDIENCE, deliveryAttributeMappings });
    await destination.deliver([delivery()], NOW, NEVER);
    expect(peer.last.headers).toMatchObject({ authorization: "Bearer the-token", "x-authorization": "Authorization" });
  });

  it("[EG-ENTRA-WEBHOOK] sends nothing without a token, with an outcome that is retried", async () => {
    token = { kind: "failed", cause: "https://login.example answered 401" };
    const destination = open({ azureActiveDirectoryApplicationIdOrUri: AUDIENCE });
    expect(await destination.deliver([delivery()], NOW, NEVER)).toEqual({
      kind: "failed",
      outcome: "GenericError",
      detail: `POST ${peer.origin}/hook was not sent: Ringmain could not get its token: https://login.example answered 401.`,
    });
    expect(await destination.handshake?.(handshake, NEVER)).toMatchObject({ kind: "failed" });
    expect(peer.requests).toEqual([]);
  });

  const verify = (): void => {
    const { headers, body } = peer.last;
    const key = Buffer.from(SECRET.slice("whsec_".length), "base64");
    const signed = `${String(headers["webhook-id"])}.${String(headers["webhook-timestamp"])}.${body}`;
    const signature = createHmac("sha256", key).update(signed).digest("base64");
    expect(headers["webhook-signature"]).toBe(`v1,${signature}`);
  };

  it("[EG-WEBHOOK-SIGNATURE] signs id, time and body", async () => {
    const destination = open({ signingSecret: SECRET });
    const event = delivery({}, {}, { systemId: "system-1" });
    await destination.deliver([event], NOW, NEVER);
    expect(peer.last.headers).toMatchObject({
      "webhook-id": "system-1",
      "webhook-timestamp": String(Math.floor(NOW / 1_000)),
    });
    verify();
    now += 60_000;
    await destination.deliver([event], now, NEVER);
    expect(peer.last.headers).toMatchObject({
      "webhook-id": "system-1",
      "webhook-timestamp": String(Math.floor(NOW / 1_000) + 60),
    });
    verify();
    await destination.handshake?.(handshake, NEVER);
    expect(peer.last.headers["webhook-id"]).toBe("event");
    verify();
  });

  it("[EG-WEBHOOK-SIGNATURE] uses the same id for the same batch only", async () => {
    const destination = open({ signingSecret: SECRET, maxEventsPerBatch: 10 });
    const [one, two, three] = [delivery(), delivery(), delivery()];
    const idOf = async (...batch: (typeof one)[]): Promise<unknown> => {
      await destination.deliver(batch, NOW, NEVER);
      verify();
      return peer.last.headers["webhook-id"];
    };
    const pair = await idOf(one, two);
    expect(await idOf(one, two)).toBe(pair);
    expect(new Set([pair, await idOf(one, three), await idOf(one), await idOf(one, two, three)]).size).toBe(4);
  });
});
