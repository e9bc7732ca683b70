import type { Desired, Identifiable, Keyed, ResourceBase } from "../resources/base.ts";
import { invalid, isGiven, type ResourceProblem } from "../rules/problem.ts";
import { PLAIN, type PublishEndpoint, type ResourceKind } from "./kind.ts";
import { namedPlace, regionPlace } from "./places.ts";
import { topicRules, type TopicProperties } from "./topic.ts";

/** A domain: one endpoint and one pair of keys for many topics. */
export type DomainResource = ResourceBase<"Microsoft.EventGrid/domains", DomainProperties> & Keyed & Identifiable;

/** Properties of a domain. */
export interface DomainProperties extends TopicProperties {
  /** Whether a subscription to a domain topic that does not exist creates the topic. Default: true. */
  readonly autoCreateTopicWithFirstSubscription?: boolean;
  /** Whether a domain topic is deleted with its last subscription. Default: true. */
  readonly autoDeleteTopicWithLastSubscription?: boolean;
}

/** Desired state of a domain. */
export type DesiredDomain = Desired<DomainResource>;

/** Resource kind of domains. */
export const domainKind: ResourceKind<DomainResource, DesiredDomain, PublishEndpoint> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/domains",
  noun: "domain",
  placement: { kind: "group" },
  location: "chosen",
  keyBytes: 32,
  endpoint: { segment: "domains" },
  regionQuota: "topicsPerRegion",
  subscribable: true,
  inputSchema: ({ properties }) => properties.inputSchema,
  places: (domain) => [namedPlace(domain), regionPlace(domain)],
  rules: (desired, context) => [...topicRules("Domain", desired, context), ...mappedTopicRules(desired)],
};

/**
 * Returns a problem if a mapping for a custom schema has no domain topic: every event would be refused. Source:
 * [EG-DOMAIN-TOPIC]
 */
function mappedTopicRules({ properties }: DesiredDomain): readonly ResourceProblem[] {
  const { inputSchema, inputSchemaMapping: mapping } = properties;
  if (inputSchema !== "CustomEventSchema" || !isGiven(mapping) || !isGiven(mapping.properties)) return [];
  if (isGiven(mapping.properties.topic?.sourceField)) return [];
  const message = "The mapping of 'topic' needs a sourceField: it names the domain topic of each event.";
  return [invalid("properties.inputSchemaMapping.properties.topic", message)];
}
