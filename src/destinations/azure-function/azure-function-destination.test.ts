import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  cloudEventDelivery,
  delivery,
  destinations,
  NEVER,
  NOW,
  subscriberTo,
} from "../../../test/contract/destination-fixtures.ts";
import { answers, Peer } from "../../../test/contract/destination-peer.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Destination } from "../../ports/destination.ts";
import type { KnownFunctionApp } from "./azure-function-destination.ts";

const SITE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites";

const deliver = async (destination: Destination) => destination.deliver([delivery()], NOW, NEVER);

describe("Azure function", () => {
  let peer: Peer;
  let app: KnownFunctionApp | undefined;
  const factory = destinations({ functionApp: (name) => (name === "shop" ? app : undefined) });
  beforeAll(async () => {
    peer = await Peer.start();
  });
  afterEach(() => {
    peer.behaviour = answers(202);
    peer.requests.length = 0;
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  const open = (resourceId = `${SITE}/shop/functions/Ship`, overrides: Partial<Subscriber> = {}): Destination =>
    factory.open(subscriberTo({ endpointType: "AzureFunction", properties: { resourceId } }, overrides));

  it.each([
    [{}, ""],
    [{ code: "a b+/=" }, "&code=a%20b%2B%2F%3D"],
  ])("posts to the trigger of the function, with %j [EG-FUNCTION-URL]", async (credentials, query) => {
    app = { url: peer.origin, ...credentials };
    peer.behaviour = answers(202);
    expect(await deliver(open())).toEqual({ kind: "accepted", httpStatus: 202 });
    expect(peer.last).toMatchObject({
      method: "POST",
      url: `/runtime/webhooks/EventGrid?functionName=Ship${query}`,
    });
    expect(peer.last.headers["aeg-event-type"]).toBe("Notification");
  });

  it("receives the event type header with CloudEvents too, which the trigger requires [EG-DELIVERY-HEADERS]", async () => {
    app = { url: `${peer.origin}/` };
    const destination = open(undefined, { eventDeliverySchema: "CloudEventSchemaV1_0" });
    await destination.deliver([cloudEventDelivery()], NOW, NEVER);
    expect(peer.last.url).toBe("/runtime/webhooks/EventGrid?functionName=Ship");
    expect(peer.last.headers["aeg-event-type"]).toBe("Notification");
  });

  it("is found after its app has moved", async () => {
    app = { url: await Peer.closedPort() };
    const destination = open();
    expect(await deliver(destination)).toMatchObject({ kind: "failed", outcome: "SocketError" });
    app = { url: peer.origin };
    expect(await deliver(destination)).toMatchObject({ kind: "accepted" });
  });

  it("is not asked for consent [EG-HANDSHAKE-SKIP]", () => {
    expect(open()).not.toHaveProperty("handshake");
  });

  it.each([`${SITE}/other/functions/Ship`, `${SITE}/shop`])(
    "is invalid if the app or function does not exist: %s [EG-FUNCTION-MISSING]",
    async (resourceId) => {
      app = { url: peer.origin };
      expect(await deliver(open(resourceId))).toMatchObject({
        kind: "failed",
        outcome: "InvalidAzureFunctionDestination",
      });
      expect(peer.requests).toEqual([]);
    },
  );

  it("is invalid if the host does not find the function [EG-FUNCTION-MISSING]", async () => {
    app = { url: peer.origin };
    peer.behaviour = answers(404, {}, "cannot find function: 'Ship'");
    expect(await deliver(open())).toMatchObject({
      kind: "failed",
      outcome: "InvalidAzureFunctionDestination",
      httpStatus: 404,
      detail: "The function app 'shop' has no function 'Ship' with an Event Grid trigger.",
    });
  });

  it("is only unavailable after a 404 from another server [EG-FUNCTION-MISSING]", async () => {
    app = { url: peer.origin, code: "secret" };
    peer.behaviour = answers(404, {}, "<h1>Not Found</h1>");
    const outcome = await deliver(open());
    expect(outcome).toMatchObject({ kind: "failed", outcome: "NotFound", httpStatus: 404 });
    expect(JSON.stringify(outcome)).not.toContain("secret");
  });
});
