import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  cloudEventDelivery,
  delivery,
  destinations,
  NEVER,
  NOW,
  subscriberTo,
  webhookTo,
} from "../../../test/contract/destination-fixtures.ts";
import { answers, Peer } from "../../../test/contract/destination-peer.ts";
import type { LockedDelivery } from "../../core/delivery.ts";
import { topicId } from "../../core/resources/resource-id.ts";
import type { WebHookProperties } from "../../core/destinations/web-hook.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { Destination } from "../../ports/destination.ts";

const CLOUD_EVENTS = { eventDeliverySchema: "CloudEventSchemaV1_0" } as const;

const deliver = async (destination: Destination, ...batch: LockedDelivery[]) => destination.deliver(batch, NOW, NEVER);

const allowing = (origin: string) => ({ "WebHook-Allowed-Origin": origin });

describe("webhook", () => {
  let peer: Peer;
  const factory = destinations();
  beforeAll(async () => {
    peer = await Peer.start();
  });
  afterEach(() => {
    peer.behaviour = answers(200);
    peer.requests.length = 0;
  });
  afterAll(async () => {
    await factory.close();
    await peer.stop();
  });

  const open = (properties: Partial<WebHookProperties> = {}, overrides: Partial<Subscriber> = {}): Destination => {
    const endpointUrl = `${peer.origin}/hook?code=s%20ecret`;
    return factory.open(
      subscriberTo({ endpointType: "WebHook", properties: { endpointUrl, ...properties } }, overrides),
    );
  };

  it("posts to the exact URL, including its query", async () => {
    await deliver(open(), delivery());
    expect(peer.last).toMatchObject({ method: "POST", url: "/hook?code=s%20ecret" });
  });

  it("sends Event Grid's headers [EG-DELIVERY-HEADERS]", async () => {
    await deliver(open(), delivery({}, {}, { systemId: "system-1" }));
    expect(peer.last.headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "aeg-event-type": "Notification",
      "aeg-subscription-name": "TO-WAREHOUSE",
      "aeg-metadata-version": "1",
      "aeg-data-version": "2.1",
      "aeg-output-event-id": "system-1",
    });
    expect(peer.last.headers).not.toHaveProperty("webhook-request-origin");
  });

  it("sends the same with a custom schema [EG-DELIVERY-HEADERS]", async () => {
    const custom = delivery({}, {}, { schema: "CustomEventSchema" });
    await deliver(open({}, { eventDeliverySchema: "CustomInputSchema" }), custom);
    expect(peer.last.headers).toMatchObject({ "aeg-metadata-version": "1", "aeg-data-version": "2.1" });
  });

  it("sends its origin and no data version with CloudEvents [EG-CE-ORIGIN] [EG-DELIVERY-HEADERS]", async () => {
    await deliver(open({}, CLOUD_EVENTS), cloudEventDelivery());
    expect(peer.last.headers).toMatchObject({
      "aeg-event-type": "Notification",
      "aeg-metadata-version": "1.0",
      "webhook-request-origin": "eventgrid.azure.net",
    });
    expect(peer.last.headers).not.toHaveProperty("aeg-data-version");
  });

  it("sends the number of previous attempts [EG-DELIVERY-COUNT]", async () => {
    await deliver(open(), delivery());
    expect(peer.last.headers["aeg-delivery-count"]).toBe("0");
    await deliver(open(), delivery({}, { deliveryCount: 3 }));
    expect(peer.last.headers["aeg-delivery-count"]).toBe("3");
  });

  it("sends the first event's values in the headers of a batch [EG-DELIVERY-HEADERS]", async () => {
    const first = delivery({}, { deliveryCount: 2 }, { dataVersion: "5", systemId: "first" });
    await deliver(open({ maxEventsPerBatch: 10 }), first, delivery());
    expect(peer.last.headers).toMatchObject({
      "aeg-data-version": "5",
      "aeg-delivery-count": "2",
      "aeg-output-event-id": "first",
    });
  });

  it("encodes a data version that is not a valid header [EG-DELIVERY-HEADERS]", async () => {
    await deliver(open(), delivery({}, {}, { dataVersion: "1\r\nx-evil: ü" }));
    expect(peer.last.headers).toMatchObject({ "aeg-data-version": "1%0D%0Ax-evil: %C3%BC" });
    await deliver(open(), delivery({}, {}, { dataVersion: "" }));
    expect(peer.last.headers["aeg-data-version"]).toBe("");
  });

  it.each([
    [{}, "application/cloudevents+json; charset=utf-8", false],
    [{ preferredBatchSizeInKilobytes: 512 }, "application/cloudevents+json; charset=utf-8", false],
    [{ maxEventsPerBatch: 2 }, "application/cloudevents-batch+json; charset=utf-8", true],
  ])("sends CloudEvents with %j as %s [EG-BATCH-OUT]", async (batching, contentType, array) => {
    await deliver(open(batching, CLOUD_EVENTS), cloudEventDelivery());
    expect(peer.last.headers["content-type"]).toBe(contentType);
    expect(Array.isArray(JSON.parse(peer.last.body))).toBe(array);
  });

  it("adds the subscription's attributes [EG-ATTRIBUTES] [EG-ATTRIBUTES-DYNAMIC]", async () => {
    const destination = open({
      deliveryAttributeMappings: [
        { name: "Authorization", type: "Static", properties: { value: "Bearer t", isSecret: true } },
        { name: "x-tenant", type: "Dynamic", properties: { sourceField: "data.tenant" } },
      ],
    });
    await deliver(destination, delivery({ data: { tenant: "acme" } }));
    expect(peer.last.headers).toMatchObject({ authorization: "Bearer t", "x-tenant": "acme" });
    await deliver(destination, delivery());
    expect(peer.last.headers).not.toHaveProperty("x-tenant");
  });

  it.each([200, 201, 202, 203, 204])("accepts %i [EG-DELIVERY-SUCCESS]", async (status) => {
    peer.behaviour = answers(status);
    expect(await deliver(open(), delivery())).toEqual({ kind: "accepted", httpStatus: status });
  });

  it.each([205, 206, 226, 299, 301, 302, 304, 307])("fails with %i [EG-DELIVERY-SUCCESS]", async (status) => {
    peer.behaviour = answers(status, { location: `${peer.origin}/elsewhere` });
    expect(await deliver(open(), delivery())).toMatchObject({ kind: "failed", httpStatus: status });
    expect(peer.requests).toHaveLength(1);
  });

  it("reports failures without the secrets in the query", async () => {
    peer.behaviour = answers(500);
    const outcome = await deliver(open(), delivery());
    expect(outcome).toMatchObject({ detail: `POST ${peer.origin}/hook answered 500.` });
  });

  it("fails if the endpoint is not a URL", async () => {
    const destination = factory.open(webhookTo("mailto:a@b.example"));
    expect(await deliver(destination, delivery())).toMatchObject({ kind: "failed", outcome: "GenericError" });
    const request = { now: NOW, eventId: "e", validationCode: "c", validationUrl: "u" };
    expect(await destination.handshake?.(request, NEVER)).toMatchObject({ kind: "failed" });
  });

  describe("in a handshake", () => {
    const request = {
      now: NOW,
      eventId: "event-1",
      validationCode: "512d38b6-c7b8-40c8-89fe-f46f9e9622b6",
      validationUrl: "http://ringmain.example/validate?id=512d38b6",
    };
    const code = request.validationCode;
    const attribute = { name: "x-key", type: "Static", properties: { value: "k" } } as const;
    const ask = async (destination: Destination) => destination.handshake?.(request, NEVER);

    it("receives one validation event [EG-HANDSHAKE-EVENT]", async () => {
      await ask(open({ deliveryAttributeMappings: [attribute] }));
      expect(peer.requests).toHaveLength(1);
      expect(peer.last).toMatchObject({ method: "POST", url: "/hook?code=s%20ecret" });
      expect(peer.last.headers).toMatchObject({
        "content-type": "application/json; charset=utf-8",
        "aeg-event-type": "SubscriptionValidation",
        "aeg-subscription-name": "TO-WAREHOUSE",
        "x-key": "k",
      });
      expect(JSON.parse(peer.last.body)).toEqual([
        {
          id: "event-1",
          topic: topicId("orders"),
          subject: "",
          data: { validationCode: code, validationUrl: request.validationUrl },
          eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
          eventTime: "2026-03-09T07:05:00.0000000Z",
          metadataVersion: "1",
          dataVersion: "1",
        },
      ]);
    });

    it.each([
      ["validationResponse", "application/json"],
      ["ValidationResponse", "text/plain"],
      ["VALIDATIONRESPONSE", "application/octet-stream"],
    ])("consents with %s in %s [EG-HANDSHAKE-CODE]", async (member, contentType) => {
      peer.behaviour = answers(200, { "content-type": contentType }, JSON.stringify({ [member]: code }));
      expect(await ask(open())).toMatchObject({ kind: "validated" });
    });

    it.each([
      ["nothing", ""],
      ["no JSON", "OK"],
      ["another code", JSON.stringify({ validationResponse: "other" })],
      ["no text", JSON.stringify({ validationResponse: 1 })],
      ["no object", "null"],
      ["the code without a name", JSON.stringify(code)],
      ["more than is read", JSON.stringify({ padding: "x".repeat(20_000), validationResponse: code })],
    ])("awaits a manual validation after a 200 with %s [EG-HANDSHAKE-CODE]", async (_name, body) => {
      peer.behaviour = answers(200, {}, body);
      expect(await ask(open())).toMatchObject({ kind: "awaiting-manual-action" });
    });

    it("is notified of the subscription's deletion [EG-SUBSCRIPTION-DELETED]", async () => {
      const notice = { now: request.now, eventId: "event-2" };
      const webhook = open({ deliveryAttributeMappings: [attribute] });
      expect(await webhook.subscriptionDeleted?.(notice, new AbortController().signal)).toMatchObject({
        kind: "accepted",
      });
      expect(peer.last.headers).toMatchObject({
        "aeg-event-type": "SubscriptionDeletion",
        "aeg-subscription-name": "TO-WAREHOUSE",
        "x-key": "k",
      });
      expect(JSON.parse(peer.last.body)).toMatchObject([
        {
          id: "event-2",
          topic: topicId("orders"),
          eventType: "Microsoft.EventGrid.SubscriptionDeletedEvent",
          data: { eventSubscriptionId: expect.stringMatching(/\/eventSubscriptions\/to-warehouse$/) },
        },
      ]);
    });

    it("is not notified of a CloudEvents subscription's deletion [EG-SUBSCRIPTION-DELETED]", async () => {
      const signal = new AbortController().signal;
      expect(await open({}, CLOUD_EVENTS).subscriptionDeleted?.({ now: 0, eventId: "e" }, signal)).toBeUndefined();
      expect(peer.requests).toEqual([]);
    });

    it.each([201, 202, 204, 302, 400, 404, 500])(
      "refuses with %i, even with the code [EG-HANDSHAKE-STATUS]",
      async (status) => {
        const body = status === 204 ? "" : JSON.stringify({ validationResponse: code });
        peer.behaviour = answers(status, {}, body);
        const outcome = await ask(open());
        expect(outcome).toMatchObject({ kind: "failed", detail: expect.stringContaining(String(status)) });
      },
    );

    it("receives OPTIONS and no event for CloudEvents [EG-HANDSHAKE-OPTIONS]", async () => {
      await ask(open({ deliveryAttributeMappings: [attribute] }, CLOUD_EVENTS));
      expect(peer.requests).toHaveLength(1);
      expect(peer.last).toMatchObject({ method: "OPTIONS", url: "/hook?code=s%20ecret", body: "" });
      expect(peer.last.headers).toMatchObject({
        "webhook-request-origin": "eventgrid.azure.net",
        "webhook-request-callback": request.validationUrl,
        "x-key": "k",
      });
      expect(peer.last.headers).not.toHaveProperty("webhook-request-rate");
    });

    it.each([
      ["its origin", 200, allowing("eventgrid.azure.net"), "validated"],
      ["its origin in capitals", 200, allowing("EventGrid.Azure.Net"), "validated"],
      ["every origin", 204, allowing("*"), "validated"],
      ["its origin among others", 202, allowing("a.example, eventgrid.azure.net"), "validated"],
      ["no rate", 200, { ...allowing("*"), "WebHook-Allowed-Rate": "0" }, "validated"],
      ["nothing", 200, {}, "awaiting-manual-action"],
      ["another origin", 200, allowing("eventgrid.azure.net.evil.example"), "awaiting-manual-action"],
      ["every origin, and refuses", 405, allowing("*"), "failed"],
      ["every origin, and redirects", 302, allowing("*"), "failed"],
    ])("allows %s by OPTIONS: status %i, %j [EG-HANDSHAKE-ORIGIN]", async (_name, status, headers, kind) => {
      peer.behaviour = answers(status, headers);
      expect(await ask(open({}, CLOUD_EVENTS))).toMatchObject({ kind });
    });

    it("fails without a response in time [EG-HANDSHAKE-STATUS]", async () => {
      const impatient = destinations({ webhookTimeoutMs: 50 });
      peer.behaviour = () => {};
      for (const schema of ["EventGridSchema", "CloudEventSchemaV1_0"] as const) {
        const destination = impatient.open(webhookTo(peer.origin, { eventDeliverySchema: schema }));
        expect(await ask(destination)).toMatchObject({ kind: "failed", detail: expect.stringContaining("within") });
      }
      await impatient.close();
    });
  });
});
