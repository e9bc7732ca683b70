import { dependencyRank } from "../../core/kinds/index.ts";
import { resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import type { StoredResource } from "../../ports/resource-store.ts";
import { createAttachedTopics } from "./attached-topics.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { dependentsFirst } from "./dependents-first.ts";
import { managedKind } from "./kinds/index.ts";
import type { Attachments } from "./kinds/kind.ts";
import { createRemoval } from "./removal.ts";
import { createVerbs, type ControlPlaneVerbs } from "./verbs.ts";
import { ResourceWriter, type Decision } from "./resource-writer.ts";

export type { ControlPlaneDependencies };

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
  change(id: string, decide: Decision): Promise<StoredResource>;
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

export function createControlPlane(dependencies: ControlPlaneDependencies): ControlPlane {
  const { directory } = dependencies;
  const writer = new ResourceWriter(dependencies);
  const attachments: Attachments = { dependencies, topics: createAttachedTopics(dependencies, put), put };
  const remove = createRemoval(attachments);

  function put(desired: DesiredResource): Promise<StoredResource> {
    return change(desired.id, () => desired);
  }

  async function change(id: string, decide: Decision, declared = false): Promise<StoredResource> {
    const after = await writer.write(id, decide, declared);
    await managedKind(after.resource).attach(after.resource, attachments);
    return after;
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

  return { put, change, delete: remove, applyConfiguration, ...createVerbs(dependencies, change) };
}
