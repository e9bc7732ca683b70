import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of the records of deployments. */
export const managedDeployment: BehaviourOf<"Microsoft.Resources/deployments"> = {
  ...UNRELATED,
  complete: (desired, _before, { uid }) => ({ ...desired, uid }),
};
