import { RingmainError } from "../../core/errors.ts";
import { defaultDeliverySchema, type EventDeliverySchema, type InputSchema } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { domainOfTopic } from "../../core/resources/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredEventSubscription,
  type EventSubscriptionIdentity,
  type EventSubscriptionResource,
  type Resource,
  type RetryPolicyDescription,
} from "../../core/resources/resources.ts";
import type { ArmType, WriteContext } from "./arm-type.ts";
import { shownSource, sourceOfSubscription } from "../arm-id.ts";
import { readDeadLetter, readDestination, writeDeadLetter, writeDestination } from "../body/destination.ts";
import { readProxy } from "../body/envelope.ts";
import { readFilter, writeFilter } from "../body/filter.ts";
import { given } from "../body/given.ts";
import { JsonReader } from "../body/json-reader.ts";

type Properties = DesiredEventSubscription["properties"];

const DELIVERY_SCHEMAS: readonly EventDeliverySchema[] = [
  "EventGridSchema",
  "CustomInputSchema",
  "CloudEventSchemaV1_0",
];

/** `Microsoft.EventGrid/eventSubscriptions`, an extension of what it listens to. */
export const eventSubscriptions: ArmType<"Microsoft.EventGrid/eventSubscriptions"> = {
  type: "Microsoft.EventGrid/eventSubscriptions",
  placement: { kind: "extension" },
  answers: { created: 201, replaced: 201, patched: 201, deleted: 200 },
  actions: ["getFullUrl", "getDeliveryAttributes"],
  patchable: [
    "destination",
    "deliveryWithResourceIdentity",
    "filter",
    "labels",
    "expirationTimeUtc",
    "eventDeliverySchema",
    "retryPolicy",
    "deadLetterDestination",
    "deadLetterWithResourceIdentity",
  ],
  longRunning: true,
  read: (subscription, context) => {
    const { properties } = subscription;
    const identity = properties.deliveryIdentity;
    const deadLetterIdentity = properties.deadLetterIdentity;
    const destination = readDestination(properties.destination);
    const deadLetter = properties.deadLetterDestination && readDeadLetter(properties.deadLetterDestination);
    return {
      ...readProxy(subscription, context),
      properties: {
        topic: shownSource(properties.topic),
        provisioningState: properties.provisioningState,
        destination: identity === undefined ? destination : null,
        deliveryWithResourceIdentity: identity === undefined ? null : { identity: showIdentity(identity), destination },
        filter: readFilter(properties.filter),
        labels: properties.labels ?? null,
        expirationTimeUtc: properties.expirationTimeUtc ?? null,
        eventDeliverySchema: properties.eventDeliverySchema,
        retryPolicy: { ...properties.retryPolicy },
        deadLetterDestination: deadLetterIdentity === undefined ? (deadLetter ?? null) : null,
        deadLetterWithResourceIdentity:
          deadLetterIdentity === undefined || deadLetter === undefined
            ? null
            : { identity: showIdentity(deadLetterIdentity), deadLetterDestination: deadLetter },
      },
    };
  },
  write: (body, context) => {
    const properties = body.child("properties") ?? new JsonReader({});
    const { before } = context;
    const target = targetOf(properties, before, false);
    if (target === undefined) {
      const message = "The event subscription needs a 'destination' or a 'deliveryWithResourceIdentity'.";
      throw new RingmainError("invalid_request", message);
    }
    return {
      ...envelopeOf(context),
      properties: {
        ...target,
        ...deadLetterOf(properties),
        ...simpleMembers(properties),
        topic: sourceOfSubscription(context.id),
        filter: writeFilter(properties.child("filter")),
        retryPolicy: retryPolicyOf(properties.child("retryPolicy"), DEFAULT_RETRY_POLICY),
        eventDeliverySchema:
          deliverySchemaOf(properties) ??
          before?.properties.eventDeliverySchema ??
          defaultDeliverySchema(inputSchemaOf(sourceOfSubscription(context.id), context.find)),
      },
    };
  },
  // [ARM-PATCH-FLAT]
  patch: (body, context) => {
    const { provisioningState: _state, handshake: _handshake, ...before } = context.before.properties;
    const target = targetOf(body, context.before, true);
    const deadLetter = deadLetterOf(body);
    const filter = body.child("filter");
    const properties: Properties = {
      ...(target === undefined ? before : { ...withoutTarget(before), ...target }),
      ...simpleMembers(body),
      filter: filter === undefined ? before.filter : writeFilter(filter),
      retryPolicy: retryPolicyOf(body.child("retryPolicy"), before.retryPolicy),
      eventDeliverySchema: deliverySchemaOf(body) ?? before.eventDeliverySchema,
    };
    const changed = deadLetter === undefined ? properties : { ...withoutDeadLetter(properties), ...deadLetter };
    return { ...envelopeOf(context), properties: changed };
  },
};

type Envelope = Omit<DesiredEventSubscription, "properties">;

function envelopeOf(context: WriteContext<"Microsoft.EventGrid/eventSubscriptions">): Envelope {
  const { id, name, before, find } = context;
  return given({
    id,
    name,
    type: "Microsoft.EventGrid/eventSubscriptions" as const,
    location: before?.location ?? locationOf(sourceOfSubscription(id), find),
    managedBy: before?.managedBy,
    configName: before?.configName,
  });
}

/** A subscription is where its source is; one to a group or a whole subscription is everywhere, wherever the group is. */
function locationOf(source: string, find: (id: string) => Resource | undefined): string {
  return /\/providers\//i.test(source) ? (find(source)?.location ?? "local") : "global";
}

type Target = Pick<Properties, "destination" | "deliveryIdentity">;

/** Where events go: exactly one of two members says it. `undefined` when neither does. */
function targetOf(body: JsonReader, before: EventSubscriptionResource | undefined, patch: boolean): Target | undefined {
  const destination = body.child("destination");
  const withIdentity = body.child("deliveryWithResourceIdentity");
  const old = before?.properties.destination;
  if (destination !== undefined && withIdentity !== undefined) {
    throw new RingmainError(
      "invalid_request",
      "Only one of 'destination' and 'deliveryWithResourceIdentity' can be given.",
    );
  }
  if (destination !== undefined) return { destination: writeDestination(destination, old, patch) };
  const inner = withIdentity?.child("destination");
  if (withIdentity === undefined || inner === undefined) return undefined;
  return { destination: writeDestination(inner, old, patch), deliveryIdentity: identityOf(withIdentity) };
}

function withoutTarget({ deliveryIdentity: _identity, ...rest }: Properties): Properties {
  return rest;
}

type DeadLetter = Pick<Properties, "deadLetterDestination" | "deadLetterIdentity">;

function deadLetterOf(body: JsonReader): DeadLetter | undefined {
  const plain = body.child("deadLetterDestination");
  const withIdentity = body.child("deadLetterWithResourceIdentity");
  if (plain !== undefined && withIdentity !== undefined) {
    throw new RingmainError(
      "invalid_request",
      "Only one of 'deadLetterDestination' and 'deadLetterWithResourceIdentity' can be given.",
    );
  }
  if (plain !== undefined) return { deadLetterDestination: writeDeadLetter(plain) };
  const inner = withIdentity?.child("deadLetterDestination");
  if (withIdentity === undefined || inner === undefined) return undefined;
  return { deadLetterDestination: writeDeadLetter(inner), deadLetterIdentity: identityOf(withIdentity) };
}

function withoutDeadLetter({
  deadLetterDestination: _destination,
  deadLetterIdentity: _identity,
  ...rest
}: Properties): Properties {
  return rest;
}

function identityOf(body: JsonReader): EventSubscriptionIdentity {
  const identity = body.child("identity");
  return given({
    type: identity?.oneOf("type", ["SystemAssigned", "UserAssigned"] as const) ?? "SystemAssigned",
    userAssignedIdentity: identity?.text("userAssignedIdentity"),
  });
}

function showIdentity({ type, userAssignedIdentity }: EventSubscriptionIdentity): JsonObject {
  return { type, userAssignedIdentity: userAssignedIdentity ?? null };
}

/** An empty expiration time is none: Terraform sends it so. */
function simpleMembers(body: JsonReader): Pick<Properties, "labels" | "expirationTimeUtc"> {
  const expiration = body.text("expirationTimeUtc");
  return given({ labels: body.texts("labels"), expirationTimeUtc: expiration === "" ? undefined : expiration });
}

function deliverySchemaOf(body: JsonReader): EventDeliverySchema | undefined {
  return body.oneOf("eventDeliverySchema", DELIVERY_SCHEMAS);
}

function retryPolicyOf(body: JsonReader | undefined, before: RetryPolicyDescription): RetryPolicyDescription {
  return {
    maxDeliveryAttempts: body?.number("maxDeliveryAttempts") ?? before.maxDeliveryAttempts,
    eventTimeToLiveInMinutes: body?.number("eventTimeToLiveInMinutes") ?? before.eventTimeToLiveInMinutes,
  };
}

/** What events of a source look like. A domain's topics need not be there yet. */
function inputSchemaOf(source: string, find: (id: string) => Resource | undefined): InputSchema {
  const resource = find(domainOfTopic(source) ?? source);
  if (resource?.type === "Microsoft.EventGrid/partnerTopics") return "CloudEventSchemaV1_0";
  const hasSchema = resource !== undefined && "inputSchema" in resource.properties;
  return hasSchema ? resource.properties.inputSchema : "EventGridSchema";
}
