import { LIMITS } from "../limits.ts";
import { invalid, isGiven, nameProblems, type ResourceProblem } from "./problem.ts";
import type { DesiredDomain, DesiredDomainTopic } from "../resources/resources.ts";

/**
 * What a domain must have beyond what a topic must: a mapping that tells the topic of an event, or every event would be
 * refused. Source: [EG-DOMAIN-TOPIC]
 */
export function domainRules({ properties }: DesiredDomain): readonly ResourceProblem[] {
  const { inputSchema, inputSchemaMapping: mapping } = properties;
  if (inputSchema !== "CustomEventSchema" || !isGiven(mapping) || !isGiven(mapping.properties)) return [];
  if (isGiven(mapping.properties.topic?.sourceField)) return [];
  const message = "The mapping of 'topic' needs a sourceField: it names the domain topic of each event.";
  return [invalid("properties.inputSchemaMapping.properties.topic", message)];
}

/** Wider than Azure's documents: its examples have shorter names, and other names of its own hold the signs as well. */
const DOMAIN_TOPIC_NAME = /^[A-Za-z\d._-]*$/;

/** Whether a domain topic may have this name. Source: [EG-DOMAIN-TOPIC-NAME] */
export function isDomainTopicName(name: string): boolean {
  return name !== "" && name.length <= LIMITS.domainTopicNameMaxChars && DOMAIN_TOPIC_NAME.test(name);
}

/** [EG-DOMAIN-TOPIC-NAME] */
export function domainTopicRules({ name }: DesiredDomainTopic, isNew: boolean): readonly ResourceProblem[] {
  if (!isNew) return [];
  const allowed = { pattern: DOMAIN_TOPIC_NAME, words: "letters, digits, '-', '.' and '_'" };
  return nameProblems(name, { noun: "Domain topic", low: 1, high: LIMITS.domainTopicNameMaxChars, allowed });
}
