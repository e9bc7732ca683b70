import { RingmainError } from "../../core/errors.ts";
import { domainTopicId, resourceKey } from "../../core/resources/resource-id.ts";
import { isDomainTopicName } from "../../core/kinds/domain-topic.ts";
import { excerpt } from "./schema-error.ts";

/**
 * Where one endpoint serves many topics: the ARM id of the topic that an event names, by `topic`, by a CloudEvent's
 * `source` or by the field that is mapped to `topic`. Throws `input_json_invalid` for what names none.
 */
export type TopicNamed = (named: string) => string;

/**
 * The topics of a domain: an event names one by its bare name or by its full resource id. A topic need not exist.
 * Source: [EG-DOMAIN-TOPIC], [EG-DOMAIN-STAMP]
 */
export function topicsOfDomain(domain: string): TopicNamed {
  const prefix = `${domain}/topics/`;
  const prefixKey = resourceKey(prefix);
  return (named) => {
    const isId = resourceKey(named.slice(0, prefix.length)) === prefixKey;
    const name = isId ? named.slice(prefix.length) : named;
    if (isDomainTopicName(name)) return domainTopicId(domain, name);
    throw new RingmainError(
      "input_json_invalid",
      "Required property 'topic' needs to either be a full resource id or should be just the name of the domain " +
        `topic. Found: ${excerpt(named)}.`,
    );
  };
}
