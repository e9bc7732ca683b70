import { PUBLISH_TYPES, RESOURCE_KINDS, type PublishTargetType } from "../../core/kinds/index.ts";
import type { PublishTarget } from "../../core/resources/resources.ts";
import type { TargetLookup } from "./target-cache.ts";

/** Azure's host names of topics, domains and partner namespaces: `<name>.<region>-<n>.eventgrid.<anything>`. */
const TOPIC_HOST = /^([a-z0-9-]{3,50})\.[a-z0-9]+-\d+\.eventgrid\./i;
/** Last segments of a topic's addresses. Case and a trailing slash are ignored. [EG-PUBLISH-ADDRESS] [EG-HEALTH] */
const PUBLISH_PATH = /^(.*)\/api\/(events|health)\/?$/i;
/** A short address; `parsePublishPath` looks its first segment up. */
const NAMED_TARGET = /^\/([a-z]+)\/([^/]+)$/i;

/** Resource types that accept events, by the first segment of their short addresses, in lower case. */
const BY_SEGMENT: ReadonlyMap<string, PublishTargetType> = new Map(
  PUBLISH_TYPES.map((type) => [RESOURCE_KINDS[type].endpoint.segment.toLowerCase(), type]),
);

/** A topic's address as far as its path tells: to publish to, or to check its health. */
export interface PublishPath {
  /** The path before `/api/events` or `/api/health`. */
  /** True for the health address. */
  readonly prefix: string;
  readonly asksHealth: boolean;
  /** Type and name in a short address; unset for other addresses. */
  readonly named: { readonly type: PublishTargetType; readonly name: string } | undefined;
}

/** Parses a path. Returns `undefined` if it is not a topic's address. */
export function parsePublishPath(path: string): PublishPath | undefined {
  const [, prefix, last = ""] = PUBLISH_PATH.exec(path) ?? [];
  if (prefix === undefined) return undefined;
  const [, kind = "", name] = NAMED_TARGET.exec(prefix) ?? [];
  const type = BY_SEGMENT.get(kind.toLowerCase());
  const asksHealth = last.toLowerCase() === "health";
  return { prefix, asksHealth, named: type === undefined || name === undefined ? undefined : { type, name } };
}

/**
 * Finds the topic, domain or partner namespace that a request publishes to. It is named by a short address such as
 * `/topics/{name}/api/events`, by the full ARM id before `/api/events`, or, for `/api/events` alone, by the host's
 * first label or by a port of the topic's own.
 * Source: [EG-PUBLISH-ADDRESS]
 * @param ofPort returns the name of the topic whose own port received the request
 */
export function findTopic(
  targets: TargetLookup,
  { prefix, named }: PublishPath,
  host: string,
  ofPort: () => string | undefined,
): PublishTarget | undefined {
  if (prefix === "") return targetOfHost(targets, host, ofPort);
  return named === undefined ? targets.publishTarget(prefix) : targets.publishTargetByName(named.type, named.name);
}

/**
 * Returns the resource that a host name or a port names. Topics are preferred to other resources with the name, and
 * only topics have ports of their own.
 */
function targetOfHost(
  targets: TargetLookup,
  host: string,
  ofPort: () => string | undefined,
): PublishTarget | undefined {
  const name = ofPort() ?? TOPIC_HOST.exec(host)?.[1];
  if (name === undefined) return undefined;
  for (const type of PUBLISH_TYPES) {
    const target = targets.publishTargetByName(type, name);
    if (target !== undefined) return target;
  }
  return undefined;
}
