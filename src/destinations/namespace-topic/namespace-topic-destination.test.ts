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

const RESOURCE_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.EventGrid/namespaces/shop/topics/big orders";

describe("a namespace topic", () => {
  let peer: Peer;
  let connection: string | undefined;
  const factory = destinations({ connection: (name) => (name === "shop" ? connection : undefined) });
  const destination = factory.open(
    subscriberTo(
      { endpointType: "NamespaceTopic", properties: { resourceId: RESOURCE_ID } },
      { eventDeliverySchema: "CloudEventSchemaV1_0" },
    ),
  );
  beforeAll(async () => {
    peer = await Peer.start(answers(200, {}, "{}"));
    connection = `Endpoint=${peer.origin}/;SharedAccessKey=a2V5==`;
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  it.each([
    ["a CloudEvent", () => cloudEventDelivery()],
    ["an Event Grid event as a CloudEvent", () => delivery()],
  ])("receives %s [EG-NAMESPACE-TOPIC]", async (_name, createDelivery) => {
    expect(await destination.deliver([createDelivery()], NOW, NEVER)).toEqual({ kind: "accepted", httpStatus: 200 });
    expect(peer.last).toMatchObject({ method: "POST", url: "/topics/big%20orders:publish?api-version=2024-06-01" });
    expect(peer.last.headers).toMatchObject({
      authorization: "SharedAccessKey a2V5==",
      "content-type": "application/cloudevents+json; charset=utf-8",
    });
    expect(JSON.parse(peer.last.body)).toMatchObject({ specversion: "1.0", type: "Order.Placed" });
  });

  it("is not found if the namespace responds 410, and the outcome has no key [EG-NAMESPACE-TOPIC]", async () => {
    peer.behaviour = answers(410);
    const outcome = await destination.deliver([cloudEventDelivery()], NOW, NEVER);
    expect(outcome).toMatchObject({
      outcome: "NotFound",
      httpStatus: 410,
      detail: expect.stringContaining("'big orders'"),
    });
    expect(JSON.stringify(outcome)).not.toContain("a2V5");
  });

  it.each([undefined, "SharedAccessKey=k", "Endpoint=https://shop.example"])(
    "fails for good with the connection %s [EG-DESTINATION-UNKNOWN]",
    async (text) => {
      connection = text;
      const outcome = await destination.deliver([cloudEventDelivery()], NOW, NEVER);
      expect(outcome).toMatchObject({ outcome: "NotFound", misconfigured: true });
    },
  );
});
