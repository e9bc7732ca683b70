import { topicsOfDomain } from "../../codec/decode/named-topic.ts";
import type { TopicNamed } from "../../codec/decode/named-topic.ts";
import type { DecodeContext } from "../../codec/decode/publish-body.ts";
import { RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import type { PublishTargetType } from "../../core/kinds/index.ts";
import { channelId, partnerTopicOf } from "../../core/resources/resource-id.ts";
import type { PartnerNamespaceResource, PublishTarget, ResourceOf } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** Header that names the channel of a request to a partner namespace that routes by header. */
const CHANNEL_HEADER = "aeg-channel-name";

/** Returns the schema of the events that a target accepts. */
export function inputSchemaOf(target: PublishTarget): InputSchema {
  return isPartner(target) ? "CloudEventSchemaV1_0" : target.properties.inputSchema;
}

/**
 * Returns the context for decoding a request to a target. Throws `input_json_invalid` or `not_found` if the
 * request's channel does not exist.
 * Measured in docs/hot-path.md.
 */
export function publishContext(
  directory: ResourceDirectory,
  target: PublishTarget,
  header: (name: string) => string | undefined,
  { now, newId, traceOf }: Pick<DecodeContext, "now" | "newId" | "traceOf">,
): DecodeContext {
  // One literal with every member: merging objects costs several microseconds per request.
  return {
    schema: inputSchemaOf(target),
    mapping: isPartner(target) ? undefined : target.properties.inputSchemaMapping,
    topic: target.id,
    topicNamed: namedTopicsOf(target).at(directory, target, header),
    now,
    newId,
    traceOf,
  };
}

/** Reads the topic that an event names, where a target holds several. */
interface NamedTopics<Target extends PublishTarget> {
  at(
    directory: ResourceDirectory,
    target: Target,
    header: (name: string) => string | undefined,
  ): TopicNamed | undefined;
}

const NAMED_TOPICS: { readonly [Type in PublishTargetType]: NamedTopics<ResourceOf<Type>> } = {
  "Microsoft.EventGrid/topics": { at: () => undefined },
  "Microsoft.EventGrid/domains": { at: (_directory, { id }) => topicsOfDomain(id) },
  "Microsoft.EventGrid/partnerNamespaces": { at: topicOfPartner },
};

function namedTopicsOf({ type }: PublishTarget): NamedTopics<PublishTarget> {
  return NAMED_TOPICS[type];
}

function isPartner(target: PublishTarget): target is PartnerNamespaceResource {
  return target.type === "Microsoft.EventGrid/partnerNamespaces";
}

/**
 * Returns the resolver of a partner namespace's topics: by the channel in the header, or by each event's source.
 * [EG-PARTNER-ROUTING]
 */
function topicOfPartner(
  directory: ResourceDirectory,
  namespace: PartnerNamespaceResource,
  header: (name: string) => string | undefined,
): TopicNamed {
  if (namespace.properties.partnerTopicRoutingMode === "ChannelNameHeader") {
    const topic = topicOfChannel(directory, namespace, header(CHANNEL_HEADER)?.trim() ?? "");
    return () => topic;
  }
  return (source) => {
    const channel = directory.channelBySource(namespace.id, source);
    if (channel !== undefined) return partnerTopicOf(channel.properties);
    throw new RingmainError(
      "input_json_invalid",
      `No channel of partner namespace '${namespace.name}' has the source '${source.slice(0, 100)}'.`,
    );
  };
}

function topicOfChannel(directory: ResourceDirectory, namespace: PartnerNamespaceResource, name: string): string {
  if (name === "") {
    throw new RingmainError(
      "input_json_invalid",
      `Partner namespace '${namespace.name}' routes by channel: the header '${CHANNEL_HEADER}' must name one.`,
    );
  }
  const channel = directory.find("Microsoft.EventGrid/partnerNamespaces/channels", channelId(namespace.id, name));
  if (channel !== undefined) return partnerTopicOf(channel.properties);
  throw new RingmainError("not_found", `Partner namespace '${namespace.name}' has no channel '${name.slice(0, 100)}'.`);
}
