import type { ControlPlaneDependencies } from "./dependencies.ts";

/** Deletes one resource from the store, without the resources that belong to it. */
export async function dropResource(
  { resources }: Pick<ControlPlaneDependencies, "resources">,
  id: string,
): Promise<void> {
  await resources.delete(id, { kind: "any" });
}
