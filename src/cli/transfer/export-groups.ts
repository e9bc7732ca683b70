import { closeNames } from "../../core/catalogue/choose-event.ts";
import { asText } from "../../core/json.ts";
import { resourceGroupId, resourceKey, scopeOf, type ResourceScope } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";

/** A resource group that an export does not contain. */
export interface OtherGroup {
  readonly name: string;
  readonly resources: number;
}

/** Returns the other resource groups of an Azure subscription that are not empty. */
export async function otherGroups(client: ManagementClient, scope: ResourceScope): Promise<readonly OtherGroup[]> {
  const counts = new Map<string, number>();
  for (const { id } of await client.list(`/subscriptions/${scope.subscriptionId}/resources`)) {
    const { resourceGroup } = scopeOf(asText(id));
    if (resourceKey(resourceGroup) === resourceKey(scope.resourceGroup)) continue;
    counts.set(resourceGroup, (counts.get(resourceGroup) ?? 0) + 1);
  }
  return [...counts].map(([name, resources]) => ({ name, resources }));
}

/** Throws an {@link ExitError} that lists the known resource groups if the group to export does not exist. */
export async function requireRunningGroup(client: ManagementClient, scope: ResourceScope): Promise<void> {
  if ((await client.find(resourceGroupId(scope))) !== undefined) return;
  const groups = await client.list(`/subscriptions/${scope.subscriptionId}/resourceGroups`);
  const names = groups.map(({ name }) => asText(name));
  const { resourceGroup } = scope;
  throw new ExitError(1, [
    `There is no resource group '${resourceGroup}'.${closeNames(resourceGroup, names)} Known resource groups: ${names.join(", ")}.`,
    ...(resourceGroup.includes(",")
      ? ["A file contains one resource group. Run the command once for each group."]
      : []),
  ]);
}

/** Returns commands that export other groups. A file contains one group, because a template is deployed to one. */
export function exportOf(groups: readonly OtherGroup[], format: string): readonly string[] {
  const file = format === "bicep" ? "bicep" : "json";
  return groups.map(
    ({ name, resources }) =>
      `'${name}' has ${resources} resource${resources === 1 ? "" : "s"}: ` +
      `ringmain export --format ${format} --resource-group ${name} --output ${name}.${file}`,
  );
}
