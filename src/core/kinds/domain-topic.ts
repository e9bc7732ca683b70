import { LIMITS } from "../limits.ts";
import type { Desired, ResourceBase } from "../resources/base.ts";
import { nameProblems } from "../rules/problem.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";
import { childPlace } from "./places.ts";

/** A topic within a domain. Publishers name it in each event. */
export type DomainTopicResource = ResourceBase<"Microsoft.EventGrid/domains/topics", Readonly<Record<string, never>>>;

/** A topic of a domain as a caller asks for it. */
export type DesiredDomainTopic = Desired<DomainTopicResource>;

/** Wider than Azure's documents: its examples have shorter names, and other names of its own hold the signs as well. */
const DOMAIN_TOPIC_NAME = { pattern: /^[A-Za-z\d._-]*$/, words: "letters, digits, '-', '.' and '_'" };

/** `Microsoft.EventGrid/domains/topics` */
export const domainTopicKind: ResourceKind<DomainTopicResource> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/domains/topics",
  noun: "domain topic",
  placement: { kind: "parent", parent: "Microsoft.EventGrid/domains" },
  location: "inherited",
  keyBytes: undefined,
  subscribable: true,
  places: (topic) => [childPlace(topic)],
  // [EG-DOMAIN-TOPIC-NAME]
  rules: ({ name }, { isNew }) => {
    const bounds = { low: 1, high: LIMITS.domainTopicNameMaxChars };
    return isNew ? nameProblems(name, { noun: "Domain topic", ...bounds, allowed: DOMAIN_TOPIC_NAME }) : [];
  },
};

/** Returns whether a domain topic may have this name. Source: [EG-DOMAIN-TOPIC-NAME] */
export function isDomainTopicName(name: string): boolean {
  return name !== "" && name.length <= LIMITS.domainTopicNameMaxChars && DOMAIN_TOPIC_NAME.pattern.test(name);
}
