import { deadLetterQueueName, deliveryQueueName } from "../core/delivery.ts";
import { assertNever, RingmainError } from "../core/errors.ts";
import { isSameJson } from "../core/json.ts";
import { resourceKey } from "../core/resource-id.ts";
import { createVerbs, type ControlPlaneVerbs } from "./control-plane-verbs.ts";
import { systemTopicsOf, withDefaultEventTypes } from "./default-event-types.ts";
import { createRuleCheck } from "./resource-rule-check.ts";
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
} from "../core/resources.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryQueue } from "../ports/delivery-queue.ts";
import type { Random } from "../ports/random.ts";
import type { ResourceStore, StoredResource } from "../ports/resource-store.ts";
import { pendingHandshake, type Handshakes } from "./handshakes.ts";
import { contentsOf } from "./resource-groups.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

/** Bytes of a generated access key, before Base64. */
const KEY_BYTES = 32;
/** Those of a storage account are longer. */
const STORAGE_KEY_BYTES = 64;
/** A write that others keep getting ahead of is given up after so many tries. */
const TRIES = 5;
/** Writes of one configuration that share a flush of the store. */
const WRITES_AT_ONCE = 2_000;

export interface ControlPlaneDependencies {
  readonly directory: ResourceDirectory;
  readonly resources: ResourceStore;
  readonly queue: DeliveryQueue;
  readonly handshakes: Handshakes;
  readonly clock: Clock;
  readonly random: Random;
  /** Azure's limits on numbers and lengths do not hold. */
  readonly relaxedLimits?: boolean;
}

/** Creates, updates and deletes resources: the one way in for file, Resource Manager and CLI. */
export interface ControlPlane extends ControlPlaneVerbs {
  /**
   * Creates a resource or replaces it. Writing what is there already changes nothing; a webhook subscription that is
   * new or changed is asked for consent. Rejects with `invalid_request`, `not_found` (no such source) or `conflict`.
   */
  put(desired: DesiredResource): Promise<StoredResource>;
  /**
   * Like `put`, with what is wanted decided upon what is there. Where others write at the same time the decision is
   * taken again, on what they left: no change is lost. `decide` may throw, which changes nothing.
   */
  change(id: string, decide: (before: StoredResource | undefined) => DesiredResource): Promise<StoredResource>;
  /** Deletes a resource, its subscriptions and their queues; answers whether there was one. */
  delete(id: string): Promise<boolean>;
  /**
   * Makes the resources declared by the configuration of this name the given ones: others it declared before are
   * deleted. What a configuration of another name declared stays, or, when both declare it, is this one's from now on.
   */
  applyConfiguration(desired: readonly DesiredResource[], configName?: string): Promise<void>;
}

export function createControlPlane(deps: ControlPlaneDependencies): ControlPlane {
  const { directory, resources } = deps;
  const rules = createRuleCheck(directory, deps.relaxedLimits === true);

  function put(desired: DesiredResource): Promise<StoredResource> {
    return change(desired.id, () => desired);
  }

  async function change(
    id: string,
    decide: (before: StoredResource | undefined) => DesiredResource,
    declared = false,
  ): Promise<StoredResource> {
    for (let tries = 1; ; tries += 1) {
      const before = directory.get(id);
      const desired = decide(before);
      try {
        return await putOnce(desired, before, declared);
      } catch (thrown) {
        // Another node wrote it meanwhile, as nodes do that start together: once more, on what is there now.
        if (!isLostRace(thrown) || tries === TRIES) throw thrown;
        directory.apply({ id, after: await resources.get(id) });
      }
    }
  }

  async function putOnce(
    desired: DesiredResource,
    before: StoredResource | undefined,
    declared: boolean,
  ): Promise<StoredResource> {
    const resource = complete(deps, desired, before?.resource);
    if (before !== undefined && isSameJson(before.resource, resource)) return before;
    const condition = before === undefined ? { kind: "absent" as const } : { kind: "etag" as const, etag: before.etag };
    const done = rules.enter(desired, { isNew: before === undefined, declared, now: deps.clock.now() });
    let after: StoredResource;
    try {
      after = await resources.put(resource, condition);
      directory.apply({ id: resource.id, after });
    } finally {
      done();
    }
    if (resource.type === "Microsoft.EventGrid/eventSubscriptions") deps.handshakes.begin(resource);
    return after;
  }

  /** An Azure subscription can have a system topic for each of several topic types. */
  function isOnlyTopicOfItsEvents(resource: Exclude<Resource, EventSubscriptionResource>): boolean {
    if (resource.type !== "Microsoft.EventGrid/systemTopics") return true;
    return systemTopicsOf(directory, resource.properties.source).length < 2;
  }

  async function remove(id: string): Promise<boolean> {
    const stored = directory.get(id);
    if (stored === undefined) return false;
    const { resource } = stored;
    if (resource.type === "Microsoft.Resources/resourceGroups") {
      for (const { resource: content } of contentsOf(directory, id)) await remove(content.id);
    } else if (resource.type !== "Microsoft.EventGrid/eventSubscriptions" && isOnlyTopicOfItsEvents(resource)) {
      for (const subscription of directory.subscriptionsOf(eventSourceOf(resource))) await remove(subscription.id);
    }
    const deleted = await resources.delete(id, { kind: "any" });
    directory.apply({ id, after: undefined });
    if (resource.type === "Microsoft.EventGrid/eventSubscriptions") {
      await deps.queue.removeQueue(deliveryQueueName(resource.uid));
      await deps.queue.removeQueue(deadLetterQueueName(resource.uid));
    }
    return deleted;
  }

  async function applyConfiguration(desired: readonly DesiredResource[], configName?: string): Promise<void> {
    const owner = { managedBy: "config", ...(configName !== undefined && { configName }) } as const;
    const wanted = new Set(desired.map(({ id }) => resourceKey(id)));
    const gone = Array.from(directory.all(), ({ resource }) => resource).filter(
      (resource) =>
        resource.managedBy === "config" && resource.configName === configName && !wanted.has(resourceKey(resource.id)),
    );
    for (const { id } of gone) await remove(id);
    // What listens needs what it listens to.
    for (const group of [desired.filter((resource) => !listens(resource)), desired.filter(listens)]) {
      for (let start = 0; start < group.length; start += WRITES_AT_ONCE) {
        const writes = group.slice(start, start + WRITES_AT_ONCE);
        await Promise.all(writes.map((resource) => change(resource.id, () => ({ ...resource, ...owner }), true)));
      }
    }
  }

  const newKey = (): string => Buffer.from(deps.random.secretBytes(KEY_BYTES)).toString("base64");
  return { put, change, delete: remove, applyConfiguration, ...createVerbs(newKey, change) };
}

function isLostRace(thrown: unknown): boolean {
  return thrown instanceof RingmainError && thrown.code === "precondition_failed";
}

function listens({ type }: DesiredResource): boolean {
  return type === "Microsoft.EventGrid/eventSubscriptions";
}

/** Adds what only Ringmain can say, keeping what it said before. */
function complete(deps: ControlPlaneDependencies, desired: DesiredResource, before: Resource | undefined): Resource {
  const uid = before?.uid ?? deps.random.uuid();
  switch (desired.type) {
    case "Microsoft.EventGrid/topics":
    case "Microsoft.EventGrid/domains":
      checkInputSchema(desired, before);
      return { ...desired, uid, keys: completeKeys(deps.random, desired.keys, before) };
    case "Microsoft.EventGrid/partnerNamespaces":
      return { ...desired, uid, keys: completeKeys(deps.random, desired.keys, before) };
    case "Microsoft.Storage/storageAccounts":
      return { ...desired, uid, keys: completeKeys(deps.random, desired.keys, before, STORAGE_KEY_BYTES) };
    case "Microsoft.EventGrid/eventSubscriptions":
      return completeSubscription(deps, withDefaultEventTypes(deps.directory, desired), uid, before);
    case "Microsoft.Resources/deployments":
    case "Microsoft.Resources/resourceGroups":
    case "Microsoft.EventGrid/systemTopics":
    case "Microsoft.EventGrid/domains/topics":
    case "Microsoft.EventGrid/partnerRegistrations":
    case "Microsoft.EventGrid/partnerNamespaces/channels":
    case "Microsoft.EventGrid/partnerTopics":
    case "Microsoft.EventGrid/partnerConfigurations":
      return { ...desired, uid };
    default:
      return assertNever(desired);
  }
}

function checkInputSchema(desired: DesiredTopic | DesiredDomain, before: Resource | undefined): void {
  if (before?.type !== desired.type || before.properties.inputSchema === desired.properties.inputSchema) return;
  const kind = desired.type === "Microsoft.EventGrid/topics" ? "topic" : "domain";
  throw new RingmainError("invalid_request", `The input schema of ${kind} '${desired.name}' cannot be changed.`);
}

function completeKeys(
  random: Random,
  given: Partial<AccessKeys> = {},
  before: Resource | undefined,
  bytes = KEY_BYTES,
): AccessKeys {
  const kept: Partial<AccessKeys> = before !== undefined && "keys" in before ? before.keys : {};
  const newKey = (): string => Buffer.from(random.secretBytes(bytes)).toString("base64");
  return { key1: given.key1 ?? kept.key1 ?? newKey(), key2: given.key2 ?? kept.key2 ?? newKey() };
}

function completeSubscription(
  deps: ControlPlaneDependencies,
  desired: DesiredEventSubscription,
  uid: string,
  before: Resource | undefined,
): EventSubscriptionResource {
  const old = before?.type === "Microsoft.EventGrid/eventSubscriptions" ? before.properties : undefined;
  // [EG-SCHEMA-FIXED]
  if (old !== undefined && old.eventDeliverySchema !== desired.properties.eventDeliverySchema) {
    throw new RingmainError(
      "invalid_request",
      `The event delivery schema of event subscription '${desired.name}' cannot be changed.`,
    );
  }
  const { destination } = desired.properties;
  const settled = (provisioningState: ProvisioningState, handshake?: HandshakeState): EventSubscriptionResource => ({
    ...desired,
    uid,
    properties: { ...desired.properties, provisioningState, ...(handshake === undefined ? {} : { handshake }) },
  });
  // [EG-HANDSHAKE-SKIP] Only webhooks are asked; a function's trigger answers for itself.
  if (destination.endpointType !== "WebHook") return settled("Succeeded");
  if (old !== undefined) {
    const unchanged = settled(old.provisioningState, old.handshake);
    if (isSameJson(unchanged, before)) return unchanged;
  }
  // [EG-HANDSHAKE-UPDATE]
  const asked = pendingHandshake(destination.properties.endpointUrl, deps.random, deps.clock.now());
  return settled(old === undefined ? "Creating" : "Updating", asked);
}

/** The id that events of this topic are routed by. */
function eventSourceOf(resource: Exclude<Resource, EventSubscriptionResource>): string {
  return resource.type === "Microsoft.EventGrid/systemTopics" ? resource.properties.source : resource.id;
}
