import { lookedUpBy } from "../../core/destinations/destination-facts.ts";
import type { LookUpList } from "../../core/destinations/destination-kind.ts";
import type { InputSchema } from "../../core/event.ts";
import { kindOf, problemsOf } from "../../core/kinds/index.ts";
import { parentId, partnerTopicOf, resourceKey } from "../../core/resources/resource-id.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import { ownAudienceCheck } from "../access/own-audiences.ts";
import { EMULATOR_ACCOUNT } from "../parts/storage/emulator-account.ts";
import type { Config } from "./schema.ts";
import { declaredOf, toResources, type DeclaredResource } from "./to-resources.ts";

/** Returns the problems of a configuration's resources: the rules of Event Grid that they break, one line each. */
export function checkResources(config: Config): string[] {
  const declared = toResources(config);
  return [
    ...ruleProblems(declared, config),
    ...repeatedNames(declared),
    ...repeatedSources(declared),
    ...repeated(config.functionApps, "functionApps"),
    ...accountProblems(config),
    ...portProblems(config),
    ...tlsProblems(config),
    ...deliveryIdentityProblems(config),
    ...repeated(config.connections, "connections"),
    ...repeated(config.partnerDestinations, "partnerDestinations"),
    ...unknownNames(config, declared),
  ];
}

function ruleProblems(declared: readonly DeclaredResource[], config: Config): string[] {
  const rules = { relaxed: config.limits === "relaxed", isOwnAudience: ownAudienceCheck(config), declared: true };
  // [EG-SUBSCRIPTION-EXPIRY] An expired subscription is valid in a file: Ringmain ignores it when it starts.
  const now = Number.NEGATIVE_INFINITY;
  const schemas = new Map<string, InputSchema>();
  const siblings = new Map<string, number>();
  return declared.flatMap(({ at, resource }) => {
    rememberSchemas(schemas, resource);
    const source = resourceKey(kindOf(resource).listensTo(resource) ?? "");
    const subscriptionsOfSource = siblings.get(source) ?? 0;
    siblings.set(source, subscriptionsOfSource + 1);
    const inputSchema = schemas.get(source) ?? "EventGridSchema";
    const context = { now, inputSchema, subscriptionsOfSource, isNew: true, ...rules };
    return problemsOf(resource, context).map(({ field, message }) => `${at}.${inFile(field)}: ${message}`);
  });
}

/** Adds the input schema of a resource to `schemas`, under the id that subscriptions refer to. */
function rememberSchemas(schemas: Map<string, InputSchema>, resource: DesiredResource): void {
  const schema = kindOf(resource).inputSchema(resource) ?? schemas.get(resourceKey(parentId(resource.id)));
  if (schema !== undefined) schemas.set(resourceKey(resource.id), schema);
  if (resource.type === "Microsoft.EventGrid/partnerNamespaces/channels") {
    schemas.set(resourceKey(partnerTopicOf(resource.properties)), "CloudEventSchemaV1_0");
  }
}

/** Converts a field of Resource Manager to the file's form, which has no `properties` level. */
function inFile(field: string): string {
  return field.replace(/^properties\./, "");
}

function repeatedNames(declared: readonly DeclaredResource[]): string[] {
  const seen = new Map<string, string>();
  return declared.flatMap(({ at, resource }) => {
    const key = resourceKey(resource.id);
    const first = seen.get(key);
    seen.set(key, first ?? at);
    return first === undefined ? [] : [`${at}.name: '${resource.name}' is already the name of ${first}`];
  });
}

/** Finds system topics with the same source and type. Two such topics would share their subscriptions. */
function repeatedSources(declared: readonly DeclaredResource[]): string[] {
  const seen = new Map<string, string>();
  return declaredOf("Microsoft.EventGrid/systemTopics", declared).flatMap(({ at, resource }) => {
    const { source, topicType } = resource.properties;
    const key = `${topicType.toLowerCase()} ${resourceKey(source)}`;
    const first = seen.get(key);
    seen.set(key, first ?? at);
    return first === undefined ? [] : [`${at}.source: '${source}' is already the source of ${first}`];
  });
}

function repeated(apps: readonly { readonly name: string }[], where: string): string[] {
  const seen = new Set<string>();
  return apps.flatMap(({ name }, index) => {
    const key = name.toLowerCase();
    const known = seen.has(key);
    seen.add(key);
    return known ? [`${where}[${index}].name: '${name}' is already used`] : [];
  });
}

function accountProblems({ storageAccounts, azurite, azuriteUrl }: Config): string[] {
  const served = azurite || azuriteUrl !== undefined;
  return storageAccounts.flatMap(({ name, key }, index) => {
    const problems: string[] = [];
    if (key === undefined && name !== EMULATOR_ACCOUNT) {
      problems.push(`storageAccounts[${index}].key: is required; only ${EMULATOR_ACCOUNT} has a default key`);
    }
    if (!served) {
      problems.push(
        `storageAccounts[${index}]: needs 'azurite' (--azurite), or 'azuriteUrl' (--azurite-url) with the address of a running Azurite`,
      );
    }
    return problems;
  });
}

function portProblems({ port: main, topics }: Config): string[] {
  const taken = new Map<number, string>([[main, "'port'"]]);
  return topics.flatMap(({ port }, index) => {
    if (port === undefined || port === 0) return [];
    const owner = taken.get(port);
    taken.set(port, `topics[${index}]`);
    return owner === undefined ? [] : [`topics[${index}].port: ${port} is already used by ${owner}`];
  });
}

function tlsProblems({ tls: { certificate, key } }: Config): string[] {
  if ((certificate === undefined) === (key === undefined)) return [];
  return [`tls.${certificate === undefined ? "certificate" : "key"}: is required, because the other file is set`];
}

function deliveryIdentityProblems({ identity: { delivery } }: Config): string[] {
  const { authority, clientId, clientSecret } = delivery;
  const members = { authority, clientId, clientSecret };
  const missing = Object.entries(members).filter(([, value]) => value === undefined);
  if (missing.length === 0 || missing.length === 3) return [];
  return missing.map(([name]) => `identity.delivery.${name}: is required, because other members are set`);
}

/**
 * Finds destinations that refer to a name that is not configured, before their first delivery fails.
 * [EG-DESTINATION-UNKNOWN] [EG-FUNCTION-MISSING]
 */
function unknownNames(config: Config, declared: readonly DeclaredResource[]): string[] {
  const known: Readonly<Record<LookUpList, readonly string[]>> = {
    connections: keys(config.connections),
    functionApps: keys(config.functionApps),
    partnerDestinations: keys(config.partnerDestinations),
    // Deliveries to Azurite's own queue service need no connection.
    storageAccounts: config.azurite ? [EMULATOR_ACCOUNT, ...keys(config.storageAccounts)] : [],
  };
  return declaredOf("Microsoft.EventGrid/eventSubscriptions", declared).flatMap(({ at, resource }) => {
    const needed = lookedUpBy(resource.properties.destination);
    if (needed === undefined) return [];
    const { lists, name, property } = needed;
    if (lists.some((list) => known[list].includes(name.toLowerCase()))) return [];
    return [`${at}.destination.properties.${property}: names '${name}', which is not in '${lists[0]}': add it there`];
  });
}

function keys(named: readonly { readonly name: string }[]): string[] {
  return named.map(({ name }) => name.toLowerCase());
}
