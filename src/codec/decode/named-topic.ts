import { RingmainError } from "../../core/errors.ts";
import { domainTopicId, resourceKey } from "../../core/resources/resource-id.ts";
import { isDomainTopicName } from "../../core/kinds/domain-topic.ts";
import { shortened } from "./schema-error.ts";

/**
 * Resolves the name by which an event selects its topic to an ARM id, on an endpoint that serves many topics. The
 * name comes from `topic`, from a CloudEvent's `source` or from the field mapped to `topic`. Throws
 * `input_json_invalid` if the name selects no topic.
 */
export type TopicNamed = (named: string) => string;

/**
 * Returns a resolver for the topics of a domain: an event names one by its bare name or by its full resource id.
 * The topic need not exist.
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
        `topic. Found: ${shortened(named)}.`,
    );
  };
}
