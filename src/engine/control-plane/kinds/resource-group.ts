import { dependentsFirst } from "../dependents-first.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of resource groups. A group is deleted with all resources in it. */
export const managedResourceGroup: BehaviourOf<"Microsoft.Resources/resourceGroups"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
  contents: ({ id }, directory) =>
    directory
      .below(id)
      .toSorted(dependentsFirst)
      .map((resource) => resource.id),
};
