import { RingmainError } from "../../core/errors.ts";
import type { InputSchema } from "../../core/event.ts";
import { domainOfTopic, resourceKey, resourceName } from "../../core/resources/resource-id.ts";
import { isDomainTopicName } from "../../core/kinds/domain-topic.ts";
import { kindOf, problemsOf } from "../../core/kinds/index.ts";
import type { DesiredResource } from "../../core/resources/resources.ts";
import type { EpochMs } from "../../core/time.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { createRegionCheck } from "./region-check.ts";
import type { ResourceDirectory } from "../directory/resource-directory.ts";

type RuleCheckDependencies = Pick<ControlPlaneDependencies, "directory" | "relaxedLimits" | "isOwnAudience">;

/** Checks resources against all rules before they are written. */
export interface RuleCheck {
  /**
   * Throws `invalid_request` or `conflict` with all problems in its message, or `not_found` if the topic of a
   * subscription does not exist. Otherwise reserves a place in the quota of its source or region. The reservation ends
   * when the returned function is called, so concurrent writes cannot exceed the limit together.
   */
  enter(desired: DesiredResource, write: ResourceWrite): () => void;
}

/** Circumstances of a write. */
export interface ResourceWrite {
  readonly isNew: boolean;
  /** Whether the configuration file declares the resource. */
  readonly declared: boolean;
  readonly now: EpochMs;
}

/**
 * Matches the ids of topics of every kind; a subscription to a topic that does not exist is refused. Any other
 * resource may be a source, because Azure resources are not managed here. That includes namespaces: their system
 * topics carry the events about MQTT clients.
 */
const TOPIC_ID = /\/providers\/Microsoft\.EventGrid\/(?!namespaces\/)[^/]+\/[^/]+$/i;

/** Creates the check for the resources of a directory. */
export function createRuleCheck({ directory, relaxedLimits, isOwnAudience }: RuleCheckDependencies): RuleCheck {
  const relaxed = relaxedLimits === true;
  /** Ids of new subscriptions that are being written, by source. */
  const underWay = new Map<string, Set<string>>();
  const regions = createRegionCheck(directory, relaxed);

  function subscriptionsOf(source: string): number {
    const creating = [...(underWay.get(resourceKey(source)) ?? [])].filter((id) => directory.get(id) === undefined);
    return directory.subscriptionCountOf(source) + creating.length;
  }

  function enter(desired: DesiredResource, { isNew, declared, now }: ResourceWrite): () => void {
    const source = kindOf(desired).listensTo(desired);
    const problems = problemsOf(desired, {
      now,
      isNew,
      declared,
      relaxed,
      isOwnAudience,
      resources: directory.size,
      inputSchema: source === undefined ? undefined : inputSchemaOf(directory, source),
      subscriptionsOfSource: source === undefined ? 0 : subscriptionsOf(source),
    });
    const [first] = problems;
    if (first !== undefined) {
      const code = problems.every((problem) => problem.code === first.code) ? first.code : "invalid_request";
      throw new RingmainError(code, problems.map(({ message }) => message).join(" "));
    }
    if (!isNew) return () => {};
    if (source === undefined) return regions.enter(desired);
    const key = resourceKey(source);
    const creating = underWay.get(key) ?? new Set();
    underWay.set(key, creating.add(desired.id));
    return () => {
      creating.delete(desired.id);
      if (creating.size === 0) underWay.delete(key);
    };
  }

  return { enter };
}

/**
 * Returns the schema of the events of a source. Throws `not_found` if the source must exist and does not.
 * [EG-SOURCE-EXISTS]
 */
function inputSchemaOf(directory: ResourceDirectory, source: string): InputSchema {
  const resource = directory.get(source)?.resource;
  if (resource !== undefined && kindOf(resource).subscribable) {
    const own = kindOf(resource).inputSchema(resource);
    if (own !== undefined) return own;
  }
  const domain = domainOfTopic(source);
  if (domain !== undefined) return inputSchemaOfDomain(directory, domain, source, resource !== undefined);
  if (TOPIC_ID.test(source)) throw new RingmainError("not_found", `The topic '${source}' was not found.`);
  // [EG-SYSTEM-EVENT] System topics carry events in the Event Grid schema.
  return "EventGridSchema";
}

/**
 * Returns the input schema of a domain for one of its topics. Throws `not_found` if neither the topic exists nor a
 * subscription may create it. [EG-DOMAIN-AUTO-CREATE]
 */
function inputSchemaOfDomain(
  directory: ResourceDirectory,
  domain: string,
  topic: string,
  exists: boolean,
): InputSchema {
  const resource = directory.find("Microsoft.EventGrid/domains", domain);
  if (resource === undefined) {
    throw new RingmainError("not_found", `The domain '${domain}' was not found.`);
  }
  const { autoCreateTopicWithFirstSubscription, inputSchema } = resource.properties;
  if (!isDomainTopicName(resourceName(topic))) {
    throw new RingmainError("invalid_request", `'${resourceName(topic)}' cannot be the name of a domain topic.`);
  }
  if (exists || autoCreateTopicWithFirstSubscription !== false) return inputSchema;
  throw new RingmainError(
    "not_found",
    `The domain topic '${topic}' was not found, and its domain does not create topics with their first subscription.`,
  );
}
