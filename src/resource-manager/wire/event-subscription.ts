import { RingmainError } from "../../core/errors.ts";
import { kindOf } from "../../core/kinds/index.ts";
import { defaultDeliverySchema, type EventDeliverySchema, type InputSchema } from "../../core/event.ts";
import type { JsonObject } from "../../core/json.ts";
import { domainOfTopic } from "../../core/resources/resource-id.ts";
import {
  DEFAULT_RETRY_POLICY,
  type DesiredEventSubscription,
  type Resource,
  type RetryPolicyDescription,
} from "../../core/resources/resources.ts";
import type { SourceIdentity } from "../../core/subscriber.ts";
import { shownSource, sourceOfSubscription } from "../arm-id.ts";
import { bodyRequest } from "../body/body-request.ts";
import { DEAD_LETTER, DESTINATION, readDeadLetter, readDestination, writeDestination } from "../body/destination.ts";
import { READ_ENVELOPE, readProxy } from "../body/envelope.ts";
import { FILTER, readFilter } from "../body/filter.ts";
import { definedMembers } from "../body/defined-members.ts";
import { changes, arrayOf, number, object, oneOf, text, type ChangesOf } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import { destinationPlace } from "../body/place.ts";
import type { ArmType, WriteContext } from "./arm-type.ts";

type Properties = DesiredEventSubscription["properties"];
type Context = WriteContext<"Microsoft.EventGrid/eventSubscriptions">;

const DELIVERY_SCHEMAS: readonly EventDeliverySchema[] = [
  "EventGridSchema",
  "CustomInputSchema",
  "CloudEventSchemaV1_0",
];
const IDENTITY = object({ type: oneOf(["SystemAssigned", "UserAssigned"]), userAssignedIdentity: text });
const RETRY_POLICY = { maxDeliveryAttempts: number, eventTimeToLiveInMinutes: number };
const PROPERTIES = {
  destination: DESTINATION,
  deliveryWithResourceIdentity: object({ identity: IDENTITY, destination: DESTINATION }),
  filter: FILTER,
  labels: arrayOf(text),
  expirationTimeUtc: text,
  eventDeliverySchema: oneOf(DELIVERY_SCHEMAS),
  retryPolicy: changes(RETRY_POLICY),
  deadLetterDestination: DEAD_LETTER,
  deadLetterWithResourceIdentity: object({ identity: IDENTITY, deadLetterDestination: DEAD_LETTER }),
};
/** Names of further members in reads. */
const PROPERTIES_READ = ["topic", "provisioningState"];
const ENVELOPE_READ = [...READ_ENVELOPE, "location"];

/** The kind `Microsoft.EventGrid/eventSubscriptions`, an extension of the source. */
export const eventSubscriptions: ArmType<"Microsoft.EventGrid/eventSubscriptions"> = {
  type: "Microsoft.EventGrid/eventSubscriptions",
  answers: { created: 201, replaced: 201, patched: 201, deleted: 200 },
  actions: ["getFullUrl", "getDeliveryAttributes"],
  longRunning: true,
  // Templates have it below its topic, or as an extension of its source.
  exported: undefined,
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
  put: bodyRequest(object({ properties: object(PROPERTIES, PROPERTIES_READ) }, ENVELOPE_READ), (body, context) =>
    desired(body.properties ?? {}, context, {}),
  ),
  // The members of a PATCH have no `properties` around them. [ARM-PATCH-FLAT]
  patch: bodyRequest(changes(PROPERTIES, [...ENVELOPE_READ, ...PROPERTIES_READ]), (body, context) =>
    desired(body, context, context.before.properties),
  ),
};

/**
 * Returns the subscription that a body describes. `kept` has the values of members missing in a PATCH; it is empty for
 * a PUT.
 */
function desired(
  body: ChangesOf<typeof PROPERTIES>,
  context: Context,
  kept: Partial<Properties>,
): DesiredEventSubscription {
  const { before } = context;
  const isPatch = kept.destination !== undefined;
  const target = destinationPlace(
    ["destination", "deliveryWithResourceIdentity"],
    { plain: body.destination, withIdentity: body.deliveryWithResourceIdentity },
    { where: kept.destination, identity: kept.deliveryIdentity },
    (sent) => writeDestination(sent, before?.properties.destination, isPatch),
  );
  if (target.where === undefined) {
    const message = "The event subscription needs a 'destination' or a 'deliveryWithResourceIdentity'.";
    throw new RingmainError("invalid_request", message);
  }
  const { deadLetterWithResourceIdentity: dead } = body;
  const deadLetter = destinationPlace(
    ["deadLetterDestination", "deadLetterWithResourceIdentity"],
    {
      plain: body.deadLetterDestination,
      withIdentity: dead && definedMembers({ identity: dead.identity, destination: dead.deadLetterDestination }),
    },
    { where: kept.deadLetterDestination, identity: kept.deadLetterIdentity },
    (sent) => sent,
  );
  const source = sourceOfSubscription(context.id);
  return {
    ...envelopeOf(context),
    properties: {
      topic: source,
      destination: target.where,
      ...simpleMembers(body, kept),
      ...definedMembers({
        deliveryIdentity: target.identity,
        deadLetterDestination: deadLetter.where,
        deadLetterIdentity: deadLetter.identity,
      }),
      filter: (body.filter === undefined ? kept.filter : body.filter) ?? {},
      retryPolicy: retryPolicyOf(body.retryPolicy, kept.retryPolicy),
      eventDeliverySchema:
        body.eventDeliverySchema ??
        before?.properties.eventDeliverySchema ??
        defaultDeliverySchema(inputSchemaOf(source, context.find)),
    },
  };
}

type Envelope = Omit<DesiredEventSubscription, "properties">;

function envelopeOf(context: Context): Envelope {
  const { id, name, before, find } = context;
  return definedMembers({
    id,
    name,
    type: "Microsoft.EventGrid/eventSubscriptions" as const,
    location: before?.location ?? locationOf(sourceOfSubscription(id), find),
    managedBy: before?.managedBy,
    configName: before?.configName,
  });
}

/**
 * Returns the location of a source. A resource group and an Azure subscription count as global, whatever the group's
 * region.
 */
function locationOf(source: string, find: (id: string) => Resource | undefined): string {
  return /\/providers\//i.test(source) ? (find(source)?.location ?? "local") : "global";
}

function showIdentity({ type, userAssignedIdentity }: SourceIdentity): JsonObject {
  return { type, userAssignedIdentity: userAssignedIdentity ?? null };
}

type SimpleMembers = Pick<Properties, "labels" | "expirationTimeUtc">;

/** Returns labels and expiration time. An empty expiration time, as Terraform sends it, means none. */
function simpleMembers(
  { labels, expirationTimeUtc: sent }: ChangesOf<typeof PROPERTIES>,
  kept: Partial<Properties>,
): SimpleMembers {
  const expirationTimeUtc = sent === "" ? null : sent;
  return merged<SimpleMembers>(
    definedMembers({ labels: kept.labels, expirationTimeUtc: kept.expirationTimeUtc }),
    definedMembers({ labels, expirationTimeUtc }),
  );
}

function retryPolicyOf(
  sent: ChangesOf<typeof RETRY_POLICY> | null | undefined,
  kept: RetryPolicyDescription = DEFAULT_RETRY_POLICY,
): RetryPolicyDescription {
  if (sent === null) return DEFAULT_RETRY_POLICY;
  return { ...DEFAULT_RETRY_POLICY, ...merged<Partial<RetryPolicyDescription>>(kept, sent) };
}

/** Returns the input schema of a source. A domain's topic need not exist yet: the domain's schema counts. */
function inputSchemaOf(source: string, find: (id: string) => Resource | undefined): InputSchema {
  const resource = find(domainOfTopic(source) ?? source);
  return (resource && kindOf(resource).inputSchema(resource)) ?? "EventGridSchema";
}
