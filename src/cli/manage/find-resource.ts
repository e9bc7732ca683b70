import { closeNames } from "../../core/catalogue/choose-event.ts";
import { asText, type JsonObject } from "../../core/json.ts";
import { resourceGroupId, scopeOf } from "../../core/resources/resource-id.ts";
import { ExitError } from "../exit-error.ts";
import type { ManagementClient } from "../management-client.ts";
import { scopeOfFlags, type ScopeFlags } from "../scope-options.ts";

/** A kind of resource that commands manage. */
export interface Kind {
  /** What the command calls it. */
  readonly word: string;
  readonly type: string;
}

/** Domains, which have topics below them. */
export const DOMAIN: Kind = { word: "domain", type: "Microsoft.EventGrid/domains" };

const OFFERED = 20;

/** All of a kind, in the group that the flags name or else in all. */
export async function listOf(client: ManagementClient, { type }: Kind, flags: ScopeFlags): Promise<JsonObject[]> {
  return client.list(`${placeOfFlags(flags)}/providers/${type}`);
}

/** The one of this name. Ends the command, telling the names there are, when there is none or more than one. */
export async function findOne(
  client: ManagementClient,
  kind: Kind,
  name: string,
  flags: ScopeFlags,
): Promise<JsonObject> {
  return onlyOne(await listOf(client, kind, flags), kind.word, name);
}

/** The topics of the domain that the flags name, or else of all domains. */
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

/** The only one of this name among those found. */
export function onlyOne(all: readonly JsonObject[], word: string, name: string): JsonObject {
  const found = all.filter((each) => asText(each["name"]).toLowerCase() === name.toLowerCase());
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first === undefined) {
    const names = [...new Set(all.map((each) => asText(each["name"])))];
    const there =
      names.length === 0
        ? `There are none. To create one, run 'ringmain ${word} create'.`
        : `Known names: ${names.slice(0, OFFERED).join(", ")}.`;
    throw new ExitError(1, [`There is no ${word} '${name}'.${closeNames(name, names)} ${there}`]);
  }
  const places = found.map((each) => asText(each["id"]));
  throw new ExitError(2, [
    `Several resources have the name '${name}'. Select one by its resource group, domain or source:`,
    ...places,
  ]);
}

/** Where the flags say to look: a group, or all of an Azure subscription. */
export function placeOfFlags(flags: ScopeFlags): string {
  const scope = scopeOfFlags(flags);
  return flags.resourceGroup === undefined ? `/subscriptions/${scope.subscriptionId}` : resourceGroupId(scope);
}

/** The group of a resource, for people. */
export function groupOf(resource: JsonObject): string {
  return scopeOf(asText(resource["id"])).resourceGroup;
}
