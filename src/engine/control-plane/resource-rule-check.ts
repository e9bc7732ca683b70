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

/** Lets resources in that obey the rules. */
export interface RuleCheck {
  /**
   * Throws `invalid_request` or `conflict` with all problems in its message, or `not_found` when a subscription's topic
   * does not exist. Otherwise the resource holds its place in its source's or region's count until the returned function is called,
   * so that writes at the same time do not exceed the limit together.
   */
  enter(desired: DesiredResource, write: ResourceWrite): () => void;
}

/** What is known of a write. */
export interface ResourceWrite {
  readonly isNew: boolean;
  /** The configuration file's. */
  readonly declared: boolean;
  readonly now: EpochMs;
}

/**
 * Topics of every kind, which must exist here; other sources are resources that only their owners know, namespaces
 * among them: what happens to their MQTT clients is told by a system topic.
 */
const TOPIC_ID = /\/providers\/Microsoft\.EventGrid\/(?!namespaces\/)[^/]+\/[^/]+$/i;

/** Creates the check of all changes to the resources of a directory. */
export function createRuleCheck({ directory, relaxedLimits, isOwnAudience }: RuleCheckDependencies): RuleCheck {
  const relaxed = relaxedLimits === true;
  /** Ids of new subscriptions on their way into the store, by source. */
  const underWay = new Map<string, Set<string>>();
  const regions = createRegionCheck(directory, relaxed);

  function subscriptionsOf(source: string): number {
    const making = [...(underWay.get(resourceKey(source)) ?? [])].filter((id) => directory.get(id) === undefined);
    return directory.subscriptionCountOf(source) + making.length;
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
    const making = underWay.get(key) ?? new Set();
    underWay.set(key, making.add(desired.id));
    return () => {
      making.delete(desired.id);
      if (making.size === 0) underWay.delete(key);
    };
  }

  return { enter };
}

/** What events of a source look like. [EG-SOURCE-EXISTS] */
function inputSchemaOf(directory: ResourceDirectory, source: string): InputSchema {
  const resource = directory.get(source)?.resource;
  if (resource !== undefined && kindOf(resource).subscribable) {
    const own = kindOf(resource).inputSchema(resource);
    if (own !== undefined) return own;
  }
  const domain = domainOfTopic(source);
  if (domain !== undefined) return inputSchemaOfDomain(directory, domain, source, resource !== undefined);
  if (TOPIC_ID.test(source)) throw new RingmainError("not_found", `The topic '${source}' was not found.`);
  // [EG-SYSTEM-EVENT] System topics raise events of the Event Grid schema.
  return "EventGridSchema";
}

/** [EG-DOMAIN-AUTO-CREATE] */
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
    `The domain topic '${topic}' was not found, and its domain does not make topics with their first subscription.`,
  );
}
