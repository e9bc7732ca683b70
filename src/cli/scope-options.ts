import { InvalidArgumentError, type Command } from "commander";
import { DEFAULT_SCOPE, type ResourceScope } from "../core/resources/resource-id.ts";

/** Flags that say where resources are. */
export interface ScopeFlags {
  readonly resourceGroup?: string;
  readonly subscription?: string;
}

/** Adds `--resource-group` and `--subscription`, as `az` calls them. */
export function addScopeOptions(command: Command): void {
  command
    .option("-g, --resource-group <name>", `resource group (default: ${DEFAULT_SCOPE.resourceGroup})`, onlyGroup)
    .option("--subscription <id>", "id of the Azure subscription (default: that of the configuration's resources)");
}

/** Whoever names two means both, and would get the last. */
function onlyGroup(name: string, before: string | undefined): string {
  if (before === undefined) return name;
  throw new InvalidArgumentError(
    `The option was already set to '${before}'. Run the command once for each resource group.`,
  );
}

export function scopeOfFlags({ resourceGroup, subscription }: ScopeFlags): ResourceScope {
  return {
    subscriptionId: subscription ?? DEFAULT_SCOPE.subscriptionId,
    resourceGroup: resourceGroup ?? DEFAULT_SCOPE.resourceGroup,
  };
}
