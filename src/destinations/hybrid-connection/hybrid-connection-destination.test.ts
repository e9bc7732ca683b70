import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cloudEventDelivery,
  delivery,
  destinations,
  NEVER,
  NOW,
  subscriberTo,
} from "../../../test/contract/destination-fixtures.ts";
import { answers, Peer } from "../../../test/contract/destination-peer.ts";

const RESOURCE_ID =
  "/subscriptions/s/resourceGroups/g/providers/Microsoft.Relay/namespaces/shop/hybridConnections/tills";

describe("a hybrid connection", () => {
  let peer: Peer;
  let connection: string | undefined;
  const factory = destinations({ connection: (name) => (name === "shop" ? connection : undefined) });
  const destination = factory.open(
    subscriberTo({
      endpointType: "HybridConnection",
      properties: {
        resourceId: RESOURCE_ID,
        deliveryAttributeMappings: [{ name: "x-till", type: "Static", properties: { value: "7" } }],
      },
    }),
  );
  beforeAll(async () => {
    peer = await Peer.start(answers(201));
    const endpoint = peer.origin.replace("http:", "sb:");
    connection = `Endpoint=${endpoint}/;SharedAccessKeyName=Send Key;SharedAccessKey=s3cret=;UseDevelopmentEmulator=true`;
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  it("receives posted events like a webhook, with a token for the relay [EG-RELAY]", async () => {
    expect(await destination.deliver([delivery({ subject: "s" })], NOW, NEVER)).toEqual({
      kind: "accepted",
      httpStatus: 201,
    });
    expect(peer.last).toMatchObject({ method: "POST", url: "/tills" });
    expect(peer.last.headers).toMatchObject({ "aeg-event-type": "Notification", "x-till": "7" });
    expect(JSON.parse(peer.last.body)).toMatchObject([{ subject: "s" }]);
    const resource = encodeURIComponent(`${peer.origin}/tills`);
    const expiry = (NOW + 3_600_000) / 1_000;
    const signature = createHmac("sha256", "s3cret=").update(`${resource}\n${expiry}`).digest("base64");
    expect(peer.last.headers["servicebusauthorization"]).toBe(
      `SharedAccessSignature sr=${resource}&sig=${encodeURIComponent(signature)}&se=${expiry}&skn=Send%20Key`,
    );
  });

  it("has no secret in the outcome of a failure [EG-RELAY]", async () => {
    peer.behaviour = answers(404, {}, "no listener");
    const outcome = await destination.deliver([delivery()], NOW, NEVER);
    expect(outcome).toMatchObject({ outcome: "NotFound", httpStatus: 404 });
    expect(JSON.stringify(outcome)).not.toMatch(/s3cret|Signature/);
  });

  it("receives CloudEvents one at a time", async () => {
    peer.behaviour = answers(200);
    const subscription = subscriberTo(
      { endpointType: "HybridConnection", properties: { resourceId: RESOURCE_ID } },
      { eventDeliverySchema: "CloudEventSchemaV1_0" },
    );
    await factory.open(subscription).deliver([cloudEventDelivery()], NOW, NEVER);
    expect(peer.last.headers["content-type"]).toBe("application/cloudevents+json; charset=utf-8");
  });

  it("fails permanently if the configuration has no connection [EG-DESTINATION-UNKNOWN]", async () => {
    connection = undefined;
    expect(await destination.deliver([delivery()], NOW, NEVER)).toMatchObject({
      outcome: "NotFound",
      misconfigured: true,
    });
  });
});
