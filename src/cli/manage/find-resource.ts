import { closeNames } from "../../core/catalogue/choose-event.ts";
import { asText, type JsonObject } from "../../core/json.ts";
import { resourceGroupId, scopeOf } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import { scopeOfFlags, type ScopeFlags } from "../scope-options.ts";

/** A kind of resource that commands manage. */
export interface Kind {
  /** Name of the kind on the command line. */
  readonly word: string;
  readonly type: string;
}

/** The kind of domains. Domains contain topics. */
export const DOMAIN: Kind = { word: "domain", type: "Microsoft.EventGrid/domains" };

/** Maximum number of known names in an error message. */
const NAMES_SHOWN = 20;

/** Returns all resources of a kind, in the resource group that the flags select, or else in all groups. */
export async function listOf(client: ManagementClient, { type }: Kind, flags: ScopeFlags): Promise<JsonObject[]> {
  return client.list(`${placeOfFlags(flags)}/providers/${type}`);
}

/**
 * Returns the resource with this name. If there is none, or several, throws an {@link ExitError} that lists the
 * candidates.
 */
export async function findOne(
  client: ManagementClient,
  kind: Kind,
  name: string,
  flags: ScopeFlags,
): Promise<JsonObject> {
  return onlyOne(await listOf(client, kind, flags), kind.word, name);
}

/** Returns the topics of the domain that the flags select, or else of all domains. */
export async function listDomainTopics(
  client: ManagementClient,
  flags: ScopeFlags & { readonly domain?: string },
): Promise<JsonObject[]> {
  const { domain } = flags;
  const domains =
    domain === undefined ? await listOf(client, DOMAIN, flags) : [await findOne(client, DOMAIN, domain, flags)];
  const topics: JsonObject[] = [];
  for (const { id } of domains) topics.push(...(await client.list(`${asText(id)}/topics`)));
  return topics;
}

/** Returns the only resource with this name. If there is none, or several, throws an {@link ExitError}. */
export function onlyOne(all: readonly JsonObject[], word: string, name: string): JsonObject {
  const found = all.filter((each) => asText(each["name"]).toLowerCase() === name.toLowerCase());
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    const names = [...new Set(all.map((each) => asText(each["name"])))];
    const known =
      names.length === 0
        ? `There are none. To create one, run 'ringmain ${word} create'.`
        : `Known names: ${names.slice(0, NAMES_SHOWN).join(", ")}.`;
    throw new ExitError(1, [`There is no ${word} '${name}'.${closeNames(name, names)} ${known}`]);
  }
  const ids = found.map((each) => asText(each["id"]));
  throw new ExitError(2, [
    `Several resources have the name '${name}'. Select one by its resource group, domain or source:`,
    ...ids,
  ]);
}

/** Returns the ARM id to search below: the resource group that the flags select, or else the Azure subscription. */
export function placeOfFlags(flags: ScopeFlags): string {
  const scope = scopeOfFlags(flags);
  return flags.resourceGroup === undefined ? `/subscriptions/${scope.subscriptionId}` : resourceGroupId(scope);
}

/** Returns the name of a resource's group. */
export function groupOf(resource: JsonObject): string {
  return scopeOf(asText(resource["id"])).resourceGroup;
}
