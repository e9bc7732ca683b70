import type { Desired, Identifiable, Keyed, ResourceBase } from "../resources/base.ts";
import { invalid, isGiven, type ResourceProblem } from "../rules/problem.ts";
import { PLAIN, type PublishEndpoint, type ResourceKind } from "./kind.ts";
import { namedPlace, regionPlace } from "./places.ts";
import { topicRules, type TopicProperties } from "./topic.ts";

/** A domain: one endpoint and one pair of keys for many topics. */
export type DomainResource = ResourceBase<"Microsoft.EventGrid/domains", DomainProperties> & Keyed & Identifiable;

export interface DomainProperties extends TopicProperties {
  /** `true` unless set: a subscription to a domain topic that does not exist creates the topic. */
  readonly autoCreateTopicWithFirstSubscription?: boolean;
  /** `true` unless set: a domain topic is deleted with its last subscription. */
  readonly autoDeleteTopicWithLastSubscription?: boolean;
}

/** A domain as a caller asks for it. */
export type DesiredDomain = Desired<DomainResource>;

/** `Microsoft.EventGrid/domains` */
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

/** Without a mapping of the domain topic every event would be refused. Source: [EG-DOMAIN-TOPIC] */
function mappedTopicRules({ properties }: DesiredDomain): readonly ResourceProblem[] {
  const { inputSchema, inputSchemaMapping: mapping } = properties;
  if (inputSchema !== "CustomEventSchema" || !isGiven(mapping) || !isGiven(mapping.properties)) return [];
  if (isGiven(mapping.properties.topic?.sourceField)) return [];
  const message = "The mapping of 'topic' needs a sourceField: it names the domain topic of each event.";
  return [invalid("properties.inputSchemaMapping.properties.topic", message)];
}
