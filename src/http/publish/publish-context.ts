import { topicsOfDomain } from "../../codec/decode/named-topic.ts";
import type { TopicNamed } from "../../codec/decode/named-topic.ts";
import type { DecodeContext } from "../../codec/decode/publish-body.ts";
import { RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { channelId, partnerTopicOf } from "../../core/resources/resource-id.ts";
import type { PartnerNamespaceResource, PublishTarget } from "../../core/resources/resources.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";

/** Header that names the channel of a request to a partner namespace that routes by header. */
const CHANNEL_HEADER = "aeg-channel-name";

/** Returns the schema of the events that a target accepts. */
export function inputSchemaOf(target: PublishTarget): InputSchema {
  return target.type === "Microsoft.EventGrid/partnerNamespaces"
    ? "CloudEventSchemaV1_0"
    : target.properties.inputSchema;
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
  const isPartner = target.type === "Microsoft.EventGrid/partnerNamespaces";
  // One literal with every member: merging objects costs several microseconds per request.
  return {
    schema: inputSchemaOf(target),
    mapping: isPartner ? undefined : target.properties.inputSchemaMapping,
    topic: target.id,
    topicNamed: topicNamedAt(directory, target, header),
    now,
    newId,
    traceOf,
  };
}

function topicNamedAt(
  directory: ResourceDirectory,
  target: PublishTarget,
  header: (name: string) => string | undefined,
): TopicNamed | undefined {
  if (target.type === "Microsoft.EventGrid/partnerNamespaces") return topicOfPartner(directory, target, header);
  return target.type === "Microsoft.EventGrid/domains" ? topicsOfDomain(target.id) : undefined;
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
  const channel = directory.get(channelId(namespace.id, name))?.resource;
  if (channel?.type === "Microsoft.EventGrid/partnerNamespaces/channels") return partnerTopicOf(channel.properties);
  throw new RingmainError("not_found", `Partner namespace '${namespace.name}' has no channel '${name.slice(0, 100)}'.`);
}
