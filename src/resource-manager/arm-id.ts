import { RingmainError } from "../core/errors.ts";
import { ALL_KINDS } from "../core/kinds/index.ts";

/** A parsed management path. Known words have Azure's spelling; names are as the client sent them. */
export interface ArmPath {
  /** The path as it was sent, with single, unescaped slashes. */
  readonly path: string;
  readonly subscriptionId: string | undefined;
  readonly resourceGroup: string | undefined;
  /** The id before the last provider: the extended resource, or the group or subscription. Empty for the tenant. */
  readonly scope: string;
  /** The last provider, for example `Microsoft.EventGrid`; `undefined` for a path without one. */
  readonly namespace: string | undefined;
  /** Types below the provider; one more than names if the path ends in a collection or an action. */
  readonly types: readonly string[];
  readonly names: readonly string[];
  /** The segments after subscription and group in a path without a provider. */
  readonly rest: readonly string[];
}

/** Words in ids, in the spelling that responses use. [ARM-CASE] */
const WORDS: ReadonlyMap<string, string> = new Map(
  [
    ...ALL_KINDS.flatMap(({ type }) => type.split("/")),
    "Microsoft.Web",
    "roleDefinitions",
    "privateLinkResources",
    "privateEndpointConnections",
    "verifiedPartners",
    "topicTypes",
    "eventTypes",
    "extensionTopics",
    "operations",
    "operationsStatus",
    "locations",
    "blobServices",
    "containers",
    "queueServices",
    "queues",
    "operationStatuses",
    "sites",
    "functions",
  ].map((word) => [word.toLowerCase(), word]),
);

/** Matches characters that no resource name may have. */
const NO_NAME = /[<>%&\\?/#\p{Cc}]|^\s|[\s.]$/u;
const NAME_CHARS = 260;

/**
 * Parses a path. Empty segments are ignored, and known words match in any case. Throws `invalid_resource_name` for a
 * segment that cannot be a name.
 */
export function parseArmPath(path: string): ArmPath {
  const segments = splitScope(path)
    .filter((segment) => segment !== "")
    .map(decodeSegment);
  const is = (index: number, word: string): boolean => segments[index]?.toLowerCase() === word;
  let at = 0;
  let id = "";
  let subscriptionId: string | undefined;
  let resourceGroup: string | undefined;
  if (is(0, "subscriptions") && segments.length > 1) {
    subscriptionId = segments[1];
    id = `/subscriptions/${subscriptionId}`;
    at = 2;
  }
  if (at === 2 && is(2, "resourcegroups") && segments.length > 3) {
    resourceGroup = segments[3];
    id += `/resourceGroups/${resourceGroup}`;
    at = 4;
  }
  let last: ProviderSegments | undefined;
  let scope = id;
  while (is(at, "providers") && at + 1 < segments.length) {
    scope = id;
    last = providerAt(segments, at);
    id += last.id;
    at = last.end;
  }
  return {
    path: `/${segments.join("/")}`,
    subscriptionId,
    resourceGroup,
    scope: last === undefined ? id : scope,
    namespace: last?.namespace,
    types: last?.types ?? [],
    names: last?.names ?? [],
    rest: segments.slice(at),
  };
}

interface ProviderSegments {
  readonly namespace: string;
  readonly types: readonly string[];
  readonly names: readonly string[];
  readonly id: string;
  readonly end: number;
}

function providerAt(segments: readonly string[], start: number): ProviderSegments {
  const namespace = canonical(segments[start + 1] ?? "");
  const types: string[] = [];
  const names: string[] = [];
  let id = `/providers/${namespace}`;
  let at = start + 2;
  while (at < segments.length && segments[at]?.toLowerCase() !== "providers") {
    const type = canonical(segments[at] ?? "");
    types.push(type);
    id += `/${type}`;
    const name = segments[at + 1];
    if (name !== undefined) {
      names.push(name);
      id += `/${name}`;
    }
    at += 2;
  }
  return { namespace, types, names, id, end: Math.min(at, segments.length) };
}

function canonical(word: string): string {
  return WORDS.get(word.toLowerCase()) ?? word;
}

/**
 * Splits a path into segments. Some clients escape the slashes of a scope; a scope begins with a slash, a name never
 * does.
 */
function splitScope(path: string): string[] {
  return path.split("/").flatMap((segment) => (/^%2F/i.test(segment) ? segment.split(/%2F/i) : [segment]));
}

function decodeSegment(segment: string): string {
  let name: string | undefined;
  try {
    name = decodeURIComponent(segment);
  } catch {
    name = undefined;
  }
  if (name !== undefined && name.length <= NAME_CHARS && !NO_NAME.test(name)) return name;
  throw new RingmainError(
    "invalid_resource_name",
    `Resource name ${segment.slice(0, 80)} is invalid. It may have ${NAME_CHARS} characters, none of them a control character or one of <>%&\\?/#, and may not end in a period or space.`,
  );
}

/** Returns the id of the resource that a path's first `depth` types name; by default all types count. */
export function armId({ scope, namespace, types, names }: ArmPath, depth: number = names.length): string {
  const pairs = names.slice(0, depth).map((name, index) => `/${types[index]}/${name}`);
  return `${scope}/providers/${namespace}${pairs.join("")}`;
}

const SUBSCRIPTION_ID = /^(.*)\/providers\/Microsoft\.EventGrid\/eventSubscriptions\/[^/]+$/i;

/** Returns the id of an event subscription's source. */
export function sourceOfSubscription(id: string): string {
  return SUBSCRIPTION_ID.exec(id)?.[1] ?? id;
}

/**
 * Returns a source in the form of the property `topic`: provider and type in lower case. [ARM-DEFAULTS]
 * @example shownSource("/…/providers/Microsoft.Storage/storageAccounts/Mine")
 * // "/…/providers/microsoft.storage/storageaccounts/Mine"
 */
export function shownSource(id: string): string {
  const { scope, namespace, types, names } = parseArmPath(id);
  if (namespace === undefined) return id;
  const pairs = names.map((name, index) => `/${types[index]?.toLowerCase()}/${name}`);
  return `${scope}/providers/${namespace.toLowerCase()}${pairs.join("")}`;
}

/**
 * Returns the topic type of a source, as lists by topic type spell it; for example `Microsoft.Storage.storageAccounts`.
 */
export function topicTypeOfSource(id: string): string {
  const { namespace, types, resourceGroup } = parseArmPath(id);
  if (namespace !== undefined) return `${namespace}.${types[0] ?? ""}`;
  return resourceGroup === undefined ? "Microsoft.Resources.Subscriptions" : "Microsoft.Resources.ResourceGroups";
}
