import { PUBLISH_TYPES, RESOURCE_KINDS, type PublishTargetType } from "../../core/kinds/index.ts";
import type { PublishTarget } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** `<name>.<region>-<n>.eventgrid.<anything>`: how Azure names the host of a topic, domain or partner namespace. */
const TOPIC_HOST = /^([a-z0-9-]{3,50})\.[a-z0-9]+-\d+\.eventgrid\./i;
/** The last segments of a topic's addresses; case and a trailing slash do not matter. [EG-PUBLISH-ADDRESS] [EG-HEALTH] */
const PUBLISH_PATH = /^(.*)\/api\/(events|health)\/?$/i;
/** A short address; `parsePublishPath` looks its first segment up. */
const NAMED_TARGET = /^\/([a-z]+)\/([^/]+)$/i;

/** Kinds that events are published to, by the first segment of their short addresses, in lower case. */
const BY_SEGMENT: ReadonlyMap<string, PublishTargetType> = new Map(
  PUBLISH_TYPES.map((type) => [RESOURCE_KINDS[type].endpoint.segment.toLowerCase(), type]),
);

/** An address of a topic, as far as its path tells: where it is published to, or asked whether it can be. */
export interface PublishPath {
  /** The path in front of `/api/events` or `/api/health`. */
  readonly prefix: string;
  readonly asksHealth: boolean;
  /** The kind and name in it; unset where it is none of the short addresses. */
  readonly named: { readonly type: PublishTargetType; readonly name: string } | undefined;
}

/** Reads a path; `undefined` when it is no topic's. */
export function parsePublishPath(path: string): PublishPath | undefined {
  const [, prefix, last = ""] = PUBLISH_PATH.exec(path) ?? [];
  if (prefix === undefined) return undefined;
  const [, kind = "", name] = NAMED_TARGET.exec(prefix) ?? [];
  const type = BY_SEGMENT.get(kind.toLowerCase());
  const asksHealth = last.toLowerCase() === "health";
  return { prefix, asksHealth, named: type === undefined || name === undefined ? undefined : { type, name } };
}

/**
 * Finds the topic, domain or partner namespace that a request publishes to: `/topics/{name}/api/events` and the like,
 * the full ARM id in front of `/api/events`, or `/api/events` at a host whose first label is the name or at a port of
 * a topic's own.
 * Source: [EG-PUBLISH-ADDRESS]
 * @param ofPort name of the topic whose port the request came to, if it is one's
 */
export function findTopic(
  directory: ResourceDirectory,
  { prefix, named }: PublishPath,
  host: string,
  ofPort: () => string | undefined,
): PublishTarget | undefined {
  if (prefix === "") return targetOfHost(directory, host, ofPort);
  return named === undefined ? directory.publishTarget(prefix) : directory.publishTargetByName(named.type, named.name);
}

/** One host name stands for whatever has the name; a topic comes first, and alone has ports of its own. */
function targetOfHost(
  directory: ResourceDirectory,
  host: string,
  ofPort: () => string | undefined,
): PublishTarget | undefined {
  const name = ofPort() ?? TOPIC_HOST.exec(host)?.[1];
  if (name === undefined) return undefined;
  for (const type of PUBLISH_TYPES) {
    const target = directory.publishTargetByName(type, name);
    if (target !== undefined) return target;
  }
  return undefined;
}
