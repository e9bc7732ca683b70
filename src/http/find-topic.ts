import type { TopicResource } from "../core/resources.ts";
import type { ResourceDirectory } from "../engine/resource-directory.ts";

/** `<name>.<region>-<n>.eventgrid.<anything>`: how Azure names a topic's host. */
const TOPIC_HOST = /^([a-z0-9-]{3,50})\.[a-z0-9]+-\d+\.eventgrid\./i;
/** The last segments of every publish address; case and a trailing slash do not matter. [EG-PUBLISH-ADDRESS] */
const PUBLISH_PATH = /^(.*)\/api\/events\/?$/i;
const NAMED_TOPIC = /^\/topics\/([^/]+)$/i;

/** What a path and host address. */
export type PublishAddress =
  | { readonly kind: "topic"; readonly topic: TopicResource }
  /** A publish address, of a topic that is not there. */
  | { readonly kind: "unknown-topic" }
  /** No publish address at all. */
  | { readonly kind: "elsewhere" };

/**
 * Finds the topic that a request publishes to: `/topics/{name}/api/events`, the topic's full ARM id in front of
 * `/api/events`, or `/api/events` at a host whose first label is the topic's name or at a port of the topic's own.
 * Source: [EG-PUBLISH-ADDRESS]
 * @param ofPort name of the topic whose port the request came to, if it is one's
 */
export function findTopic(
  directory: ResourceDirectory,
  path: string,
  host: string,
  ofPort: () => string | undefined,
): PublishAddress {
  const prefix = PUBLISH_PATH.exec(path)?.[1];
  if (prefix === undefined) return { kind: "elsewhere" };
  const topic = prefix === "" ? topicOfHost(directory, host, ofPort) : topicOfPrefix(directory, prefix);
  return topic === undefined ? { kind: "unknown-topic" } : { kind: "topic", topic };
}

function topicOfHost(
  directory: ResourceDirectory,
  host: string,
  ofPort: () => string | undefined,
): TopicResource | undefined {
  const name = ofPort() ?? TOPIC_HOST.exec(host)?.[1];
  return name === undefined ? undefined : directory.topicByName(name);
}

function topicOfPrefix(directory: ResourceDirectory, prefix: string): TopicResource | undefined {
  const name = NAMED_TOPIC.exec(prefix)?.[1];
  return name === undefined ? directory.topic(prefix) : directory.topicByName(name);
}
