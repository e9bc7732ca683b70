import { deadLetterQueueName, deliveryQueueName } from "../core/delivery.ts";
import { assertNever, RingmainError } from "../core/errors.ts";
import { resourceKey } from "../core/resource-id.ts";
import { createRuleCheck } from "./resource-rule-check.ts";
import type {
  AccessKeys,
  DesiredEventSubscription,
  DesiredResource,
  DesiredTopic,
  EventSubscriptionResource,
  HandshakeState,
  ProvisioningState,
  Resource,
  TopicResource,
} from "../core/resources.ts";
import type { Clock } from "../ports/clock.ts";
import type { DeliveryQueue } from "../ports/delivery-queue.ts";
import type { Random } from "../ports/random.ts";
import type { ResourceStore, StoredResource } from "../ports/resource-store.ts";
import { pendingHandshake, type Handshakes } from "./handshakes.ts";
import type { ResourceDirectory } from "./resource-directory.ts";

/** Bytes of a generated access key, before Base64. */
const KEY_BYTES = 32;
/** A write that others keep getting ahead of is given up after so many tries. */
const TRIES = 5;
/** Writes of one configuration that share a flush of the store. */
const WRITES_AT_ONCE = 500;

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
export interface ControlPlane {
  /**
   * Creates a resource or replaces it. Writing what is there already changes nothing; a webhook subscription that is
   * new or changed is asked for consent. Rejects with `invalid_request`, `not_found` (no such source) or `conflict`.
   */
  put(desired: DesiredResource): Promise<StoredResource>;
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

  async function put(desired: DesiredResource): Promise<StoredResource> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await putOnce(desired);
      } catch (thrown) {
        // Another node wrote it meanwhile, as nodes do that start together: once more, on what is there now.
        if (!isLostRace(thrown) || tries === TRIES) throw thrown;
        directory.apply({ id: desired.id, after: await resources.get(desired.id) });
      }
    }
  }

  async function putOnce(desired: DesiredResource): Promise<StoredResource> {
    const before = directory.get(desired.id);
    const resource = complete(deps, desired, before?.resource);
    if (before !== undefined && sameResource(before.resource, resource)) return before;
    const condition = before === undefined ? { kind: "absent" as const } : { kind: "etag" as const, etag: before.etag };
    const done = rules.enter(desired, before === undefined, deps.clock.now());
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

  async function remove(id: string): Promise<boolean> {
    const stored = directory.get(id);
    if (stored === undefined) return false;
    const { resource } = stored;
    if (resource.type !== "Microsoft.EventGrid/eventSubscriptions") {
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
        await Promise.all(writes.map((resource) => put({ ...resource, ...owner })));
      }
    }
  }

  return { put, delete: remove, applyConfiguration };
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
      return completeTopic(deps.random, desired, uid, before);
    case "Microsoft.EventGrid/systemTopics":
      return { ...desired, uid };
    case "Microsoft.EventGrid/eventSubscriptions":
      return completeSubscription(deps, desired, uid, before);
    default:
      return assertNever(desired);
  }
}

function completeTopic(
  random: Random,
  desired: DesiredTopic,
  uid: string,
  before: Resource | undefined,
): TopicResource {
  const kept: Partial<AccessKeys> = before?.type === "Microsoft.EventGrid/topics" ? before.keys : {};
  if (
    before?.type === "Microsoft.EventGrid/topics" &&
    before.properties.inputSchema !== desired.properties.inputSchema
  ) {
    throw new RingmainError("invalid_request", `The input schema of topic '${desired.name}' cannot be changed.`);
  }
  const newKey = (): string => Buffer.from(random.secretBytes(KEY_BYTES)).toString("base64");
  return {
    ...desired,
    uid,
    keys: {
      key1: desired.keys?.key1 ?? kept.key1 ?? newKey(),
      key2: desired.keys?.key2 ?? kept.key2 ?? newKey(),
    },
  };
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
    if (sameResource(unchanged, before)) return unchanged;
  }
  // [EG-HANDSHAKE-UPDATE]
  const asked = pendingHandshake(destination.properties.endpointUrl, deps.random, deps.clock.now());
  return settled(old === undefined ? "Creating" : "Updating", asked);
}

/** The id that events of this topic are routed by. */
function eventSourceOf(resource: Exclude<Resource, EventSubscriptionResource>): string {
  return resource.type === "Microsoft.EventGrid/systemTopics" ? resource.properties.source : resource.id;
}

/** Whether two resources say the same, whatever the order of their members. */
function sameResource(one: Resource | undefined, other: Resource | undefined): boolean {
  return JSON.stringify(one, sortMembers) === JSON.stringify(other, sortMembers);
}

function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)));
}
