import { LIMITS } from "../limits.ts";
import type { Desired, ResourceBase } from "../resources/base.ts";
import { nameProblems } from "../rules/problem.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";
import { childPlace } from "./places.ts";

/** A topic of a domain. Publishers name it in each event. */
export type DomainTopicResource = ResourceBase<"Microsoft.EventGrid/domains/topics", Readonly<Record<string, never>>>;

/** Desired state of a domain topic. */
export type DesiredDomainTopic = Desired<DomainTopicResource>;

/**
 * Allowed characters of names: more than Azure documents, because its examples have shorter names, and the names that
 * it creates itself contain these characters.
 */
const DOMAIN_TOPIC_NAME = { pattern: /^[A-Za-z\d._-]*$/, words: "letters, digits, '-', '.' and '_'" };

/** Resource kind of domain topics. */
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

/** Returns whether a name is valid for a domain topic. Source: [EG-DOMAIN-TOPIC-NAME] */
export function isDomainTopicName(name: string): boolean {
  return name !== "" && name.length <= LIMITS.domainTopicNameMaxChars && DOMAIN_TOPIC_NAME.pattern.test(name);
}
