import { RingmainError } from "../core/errors.ts";
import { isSameJson } from "../core/json.ts";
import { resourceKey } from "../core/resource-id.ts";
import type { DesiredResource, Resource } from "../core/resources.ts";
import { Turns } from "../core/turns.ts";
import type { StoredResource, WriteCondition } from "../ports/resource-store.ts";
import { createAttachedTopics } from "./control-plane/attached-topics.ts";
import { completeResource } from "./control-plane/complete-resource.ts";
import type { ControlPlaneDependencies } from "./control-plane/dependencies.ts";
import { checkRelations, sameTopicType } from "./control-plane/relation-rules.ts";
import { createRemoval, dropResource } from "./control-plane/removal.ts";
import { dependencyRank, dependentsFirst } from "./control-plane/removal-rules.ts";
import { uniqueClaims } from "./control-plane/unique-claims.ts";
import { createVerbs, type ControlPlaneVerbs } from "./control-plane/verbs.ts";
import { createRuleCheck } from "./resource-rule-check.ts";

export type { ControlPlaneDependencies };

/**
 * A change that other nodes keep getting ahead of is given up after so many tries. Each try loses to a write that got
 * through, and a node has one change of a resource under way at a time, so that this is far more than nodes need.
 */
const TRIES = 100;
/** Writes of one configuration that share a flush of the store. */
const WRITES_AT_ONCE = 500;

/** Creates, updates and deletes resources: the one way in for file, Resource Manager and CLI. */
export interface ControlPlane extends ControlPlaneVerbs {
  /**
   * Creates a resource or replaces it. Writing what is there already changes nothing; a webhook subscription that is
   * new or changed is asked for consent. What belongs to it is made with it: the topic of a subscription to a domain's
   * topic or to a source, the partner topic of a channel.
   * Rejects with `invalid_request`, `not_found` (no such source or parent), `conflict` or `forbidden`.
   */
  put(desired: DesiredResource): Promise<StoredResource>;
  /**
   * Like `put`, with what is wanted decided upon what is there. Changes of one resource take turns; where another node
   * writes at the same time the decision is taken again, on what it left: no change is lost, and none is refused for
   * another. `decide` may throw, which changes nothing. Rejects with `conflict` when other nodes never stop changing it.
   * [ARM-TURNS]
   */
  change(id: string, decide: (before: StoredResource | undefined) => DesiredResource): Promise<StoredResource>;
  /**
   * Deletes a resource with its topics, its subscriptions and their queues; answers whether there was one. Rejects with
   * `conflict` for what others need: a partner namespace with channels, a partner registration with namespaces.
   */
  delete(id: string): Promise<boolean>;
  /**
   * Makes the resources declared by the configuration of this name the given ones: others it declared before are
   * deleted. What a configuration of another name declared stays, or, when both declare it, is this one's from now on.
   */
  applyConfiguration(desired: readonly DesiredResource[], configName?: string): Promise<void>;
}

export function createControlPlane(deps: ControlPlaneDependencies): ControlPlane {
  const { directory, resources } = deps;
  const relaxed = deps.relaxedLimits === true;
  const rules = createRuleCheck(directory, relaxed);
  const attached = createAttachedTopics(deps, put);
  const remove = createRemoval(deps, attached);
  const turns = new Turns();
  /** Turns of what only one resource may have; taken within the turn of a resource, never around it. */
  const claims = new Turns();

  function put(desired: DesiredResource): Promise<StoredResource> {
    return change(desired.id, () => desired);
  }

  async function change(
    id: string,
    decide: (before: StoredResource | undefined) => DesiredResource,
    declared = false,
  ): Promise<StoredResource> {
    const after = await turns.take(resourceKey(id), () => write(id, decide, declared));
    await attach(after.resource);
    return after;
  }

  async function write(
    id: string,
    decide: (before: StoredResource | undefined) => DesiredResource,
    declared: boolean,
  ): Promise<StoredResource> {
    for (let tries = 1; tries <= TRIES; tries += 1) {
      const before = directory.get(id);
      const desired = decide(before);
      try {
        return await claims.takeAll(uniqueClaims(desired), () => writeOnce(desired, before, declared));
      } catch (thrown) {
        // Another node wrote it meanwhile: once more, on what is there now.
        if (!isLostRace(thrown)) throw thrown;
      }
    }
    throw new RingmainError("conflict", `'${id}' is being changed by others. Try again later.`);
  }

  async function writeOnce(
    desired: DesiredResource,
    before: StoredResource | undefined,
    declared: boolean,
  ): Promise<StoredResource> {
    const resource = completeResource(deps, desired, before?.resource);
    if (before !== undefined && isSameJson(before.resource, resource)) return before;
    const isNew = before === undefined;
    const condition: WriteCondition = isNew ? { kind: "absent" } : { kind: "etag", etag: before.etag };
    const now = deps.clock.now();
    const done = rules.enter(desired, { isNew, declared, now });
    let after: StoredResource;
    try {
      checkRelations(desired, { directory, now, isNew, relaxed });
      after = await resources.put(resource, condition);
    } finally {
      done();
    }
    if (resource.type === "Microsoft.EventGrid/eventSubscriptions") deps.handshakes.begin(resource);
    return after;
  }

  /** Makes what comes with a resource, also where a crash came between the two. */
  async function attach(resource: Resource): Promise<void> {
    if (resource.type === "Microsoft.EventGrid/eventSubscriptions") await attached.ensureTopicOf(resource);
    if (resource.type === "Microsoft.EventGrid/partnerNamespaces/channels") await attached.ensurePartnerTopic(resource);
    if (resource.type !== "Microsoft.EventGrid/systemTopics" || resource.implicit === true) return;
    // [EG-SYSTEM-TOPIC-SOURCE] Let in beside one that a subscription had made, it takes that one's place.
    for (const other of directory.systemTopicsOf(resource.properties.source)) {
      if (other.implicit === true && sameTopicType(other, resource)) await dropResource(deps, other.id);
    }
  }

  async function applyConfiguration(desired: readonly DesiredResource[], configName?: string): Promise<void> {
    const owner = { managedBy: "config", ...(configName !== undefined && { configName }) } as const;
    const wanted = new Set(desired.map(({ id }) => resourceKey(id)));
    const gone = Array.from(directory.all(), ({ resource }) => resource).filter(
      (resource) =>
        resource.managedBy === "config" && resource.configName === configName && !wanted.has(resourceKey(resource.id)),
    );
    for (const { id } of gone.toSorted(dependentsFirst)) await remove(id);
    // What listens needs what it listens to.
    const ranks = [...new Set(desired.map(dependencyRank))].toSorted((one, other) => one - other);
    for (const rank of ranks) {
      const group = desired.filter((resource) => dependencyRank(resource) === rank);
      for (let start = 0; start < group.length; start += WRITES_AT_ONCE) {
        const writes = group.slice(start, start + WRITES_AT_ONCE);
        await Promise.all(writes.map((resource) => change(resource.id, () => ({ ...resource, ...owner }), true)));
      }
    }
  }

  return { put, change, delete: remove, applyConfiguration, ...createVerbs(deps, change) };
}

function isLostRace(thrown: unknown): boolean {
  return thrown instanceof RingmainError && thrown.code === "precondition_failed";
}
