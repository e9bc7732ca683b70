import { Buffer } from "node:buffer";
import { consentEndpointOf } from "../../core/destinations/destination-facts.ts";
import { assertNever, RingmainError } from "../../core/errors.ts";
import { isSameJson } from "../../core/json.ts";
import type {
  AccessKeys,
  DesiredDomain,
  DesiredEventSubscription,
  DesiredResource,
  DesiredTopic,
  EventSubscriptionResource,
  HandshakeState,
  ProvisioningState,
  Resource,
} from "../../core/resources/resources.ts";
import type { Random } from "../../ports/random.ts";
import { withDefaultEventTypes } from "./default-event-types.ts";
import { pendingHandshake } from "../lifecycle/handshakes.ts";
import { completeChannel, completePartnerConfiguration, completePartnerNamespace } from "./complete-partner.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";

/** Bytes of a generated access key, before Base64. */
const KEY_BYTES = 32;
/** Those of a storage account are longer. */
const STORAGE_KEY_BYTES = 64;

/**
 * Adds what only Ringmain can say, keeping what it said before. Throws `invalid_request` for a change of what cannot be
 * changed.
 */
export function completeResource(
  deps: ControlPlaneDependencies,
  desired: DesiredResource,
  before: Resource | undefined,
): Resource {
  const uid = before?.uid ?? deps.random.uuid();
  switch (desired.type) {
    case "Microsoft.EventGrid/topics":
    case "Microsoft.EventGrid/domains":
      checkInputSchema(desired, before);
      return { ...desired, uid, keys: completeKeys(deps.random, desired, before) };
    case "Microsoft.Storage/storageAccounts":
      return { ...desired, uid, keys: completeKeys(deps.random, desired, before) };
    case "Microsoft.EventGrid/partnerNamespaces":
      return {
        ...completePartnerNamespace(desired, before),
        uid,
        keys: completeKeys(deps.random, desired, before),
      };
    case "Microsoft.EventGrid/partnerRegistrations": {
      const kept = before?.type === desired.type ? before.properties.partnerRegistrationImmutableId : undefined;
      const given = desired.properties.partnerRegistrationImmutableId;
      return {
        ...desired,
        uid,
        properties: { ...desired.properties, partnerRegistrationImmutableId: given ?? kept ?? deps.random.uuid() },
      };
    }
    case "Microsoft.EventGrid/partnerNamespaces/channels":
      return completeChannel(deps, desired, uid, before);
    case "Microsoft.EventGrid/partnerConfigurations":
      return completePartnerConfiguration(desired, uid, before, deps.clock.now());
    case "Microsoft.EventGrid/eventSubscriptions":
      return completeSubscription(deps, withDefaultEventTypes(deps.directory, desired), uid, before);
    case "Microsoft.Authorization/roleAssignments":
    case "Microsoft.Resources/deployments":
    case "Microsoft.Resources/resourceGroups":
    case "Microsoft.EventGrid/systemTopics":
    case "Microsoft.EventGrid/domains/topics":
    case "Microsoft.EventGrid/partnerTopics":
      return { ...desired, uid };
    default:
      return assertNever(desired);
  }
}

/** A new access key for a resource of this type, Base64. */
export function newKey(random: Random, type: Resource["type"]): string {
  const bytes = type === "Microsoft.Storage/storageAccounts" ? STORAGE_KEY_BYTES : KEY_BYTES;
  return Buffer.from(random.secretBytes(bytes)).toString("base64");
}

function checkInputSchema(desired: DesiredTopic | DesiredDomain, before: Resource | undefined): void {
  if (before?.type !== desired.type || before.properties.inputSchema === desired.properties.inputSchema) return;
  const kind = desired.type === "Microsoft.EventGrid/topics" ? "topic" : "domain";
  throw new RingmainError("invalid_request", `The input schema of ${kind} '${desired.name}' cannot be changed.`);
}

function completeKeys(
  random: Random,
  { type, keys: given = {} }: { readonly type: Resource["type"]; readonly keys?: Partial<AccessKeys> },
  before: Resource | undefined,
): AccessKeys {
  const kept: Partial<AccessKeys> = before !== undefined && "keys" in before ? before.keys : {};
  const made = (): string => newKey(random, type);
  return { key1: given.key1 ?? kept.key1 ?? made(), key2: given.key2 ?? kept.key2 ?? made() };
}

function completeSubscription(
  deps: ControlPlaneDependencies,
  desired: DesiredEventSubscription,
  uid: string,
  before: Resource | undefined,
): EventSubscriptionResource {
  const old = before?.type === "Microsoft.EventGrid/eventSubscriptions" ? before.properties : undefined;
  const { destination, eventDeliverySchema: schema } = desired.properties;
  // [EG-SCHEMA-FIXED]
  if (old !== undefined && old.eventDeliverySchema !== schema) {
    throw new RingmainError(
      "invalid_request",
      `The new event delivery schema value ${schema} cannot be different from the already existing event delivery schema value ${old.eventDeliverySchema}.`,
    );
  }
  const settled = (provisioningState: ProvisioningState, handshake?: HandshakeState): EventSubscriptionResource => ({
    ...desired,
    uid,
    properties: { ...desired.properties, provisioningState, ...(handshake === undefined ? {} : { handshake }) },
  });
  // [EG-HANDSHAKE-SKIP] Only webhooks are asked; a function's trigger answers for itself.
  const endpoint = consentEndpointOf(destination);
  if (endpoint === undefined) return settled("Succeeded");
  if (old !== undefined) {
    const unchanged = settled(old.provisioningState, old.handshake);
    if (isSameJson(unchanged, before)) return unchanged;
  }
  // [EG-HANDSHAKE-UPDATE]
  const asked = pendingHandshake(endpoint, deps.random, deps.clock.now());
  return settled(deps.handshakes.provisioningState("pending", old === undefined), asked);
}
