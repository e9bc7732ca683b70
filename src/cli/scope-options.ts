import { InvalidArgumentError, type Command } from "commander";
import { DEFAULT_SCOPE, type ResourceScope } from "../core/resources/resource-id.ts";

/** Flags that select the resource group and Azure subscription. */
export interface ScopeFlags {
  readonly resourceGroup?: string;
  readonly subscription?: string;
}

/** Adds `--resource-group` and `--subscription`, the names that `az` uses. */
export function addScopeOptions(command: Command): void {
  command
    .option("-g, --resource-group <name>", `resource group (default: ${DEFAULT_SCOPE.resourceGroup})`, onlyGroup)
    .option("--subscription <id>", "id of the Azure subscription (default: that of the configuration's resources)");
}

/** Refuses a second resource group: the user means both, but commander would keep only the last one. */
function onlyGroup(name: string, previous: string | undefined): string {
  if (previous === undefined) return name;
  throw new InvalidArgumentError(
    `The option was already set to '${previous}'. Run the command once for each resource group.`,
  );
}

/** Returns the scope that the flags select; by default, the scope of the configuration's resources. */
export function scopeOfFlags({ resourceGroup, subscription }: ScopeFlags): ResourceScope {
  return {
    subscriptionId: subscription ?? DEFAULT_SCOPE.subscriptionId,
    resourceGroup: resourceGroup ?? DEFAULT_SCOPE.resourceGroup,
  };
}
