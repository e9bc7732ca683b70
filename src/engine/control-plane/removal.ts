import { kindOf } from "../../core/kinds/index.ts";
import { dropResource } from "./drop-resource.ts";
import { managedKind } from "./kinds/index.ts";
import type { Attachments } from "./kinds/kind.ts";

/**
 * Returns a function that deletes a resource together with everything that belongs to it, which is deleted first. The
 * function resolves with whether the resource existed. [EG-DOMAIN-DELETE]
 */
export function createRemoval(attachments: Attachments): (id: string) => Promise<boolean> {
  const { dependencies } = attachments;
  const { directory } = dependencies;

  async function remove(id: string): Promise<boolean> {
    const resource = directory.get(id)?.resource;
    if (resource === undefined) return false;
    const kind = managedKind(resource);
    kind.checkRemoval(resource, directory);
    for (const content of kind.contents(resource, directory)) await remove(content);
    for (const child of directory.childrenOf(id)) await remove(child.id);
    if (kind.ownsSubscriptions(resource, directory)) {
      const source = kindOf(resource).eventSource(resource);
      for (const subscription of directory.subscriptionsOf(source)) await remove(subscription.id);
    }
    // [ARM-ROLE-ASSIGNMENT] A later resource with the same name must not inherit role assignments.
    for (const assignment of directory.roleAssignmentsAt(id)) await remove(assignment.id);
    await dropResource(dependencies, id);
    await kind.removed(resource, attachments);
    return true;
  }

  return remove;
}
