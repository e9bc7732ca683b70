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

/** Number of resources of a configuration that are written at once and share a flush of the store. */
const WRITES_AT_ONCE = 500;

/** Creates, updates and deletes resources. Configuration file, Resource Manager and CLI all use it. */
export interface ControlPlane extends ControlPlaneVerbs {
  /**
   * Creates or replaces a resource. Writing a resource that does not differ changes nothing. A webhook subscription
   * that is new or changed is asked for consent. Resources that belong to it are created, too: the topic of a
   * subscription to a domain's topic or to a source, the partner topic of a channel.
   * Rejects with `invalid_request`, `not_found` (no such source or parent), `conflict` or `forbidden`.
   */
  put(desired: DesiredResource): Promise<StoredResource>;
  /**
   * Like `put`, but `decide` receives the stored resource and returns the desired one. Changes of one resource take
   * turns. If another node writes the resource at the same time, `decide` is called again with the new state, so no
   * change is lost or refused because of another. If `decide` throws, nothing changes. Rejects with `conflict` if
   * other nodes never stop changing the resource. [ARM-TURNS]
   */
  change(id: string, decide: Decision): Promise<StoredResource>;
  /**
   * Deletes a resource with its topics, its subscriptions and their queues. Resolves with whether it existed. Rejects
   * with `conflict` if other resources need it: a partner namespace with channels, a partner registration with
   * namespaces.
   */
  delete(id: string): Promise<boolean>;
  /**
   * Applies the configuration of this name: creates or replaces `desired`, and deletes the resources that it declared
   * before and does not declare now. Resources of a configuration of another name stay; a resource that both declare
   * belongs to this one from now on.
   */
  applyConfiguration(desired: readonly DesiredResource[], configName?: string): Promise<void>;
}

/** Creates the control plane of an engine. */
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
    const declaredKeys = new Set(desired.map(({ id }) => resourceKey(id)));
    const undeclared = Array.from(directory.all(), ({ resource }) => resource).filter(
      (resource) =>
        resource.managedBy === "config" &&
        resource.configName === configName &&
        !declaredKeys.has(resourceKey(resource.id)),
    );
    for (const { id } of undeclared.toSorted(dependentsFirst)) await remove(id);
    // Sources and parents must exist before the resources that refer to them.
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
