import { createHash } from "node:crypto";
import { domainOfTopic, resourceId, resourceKey, resourceName, scopeOf } from "../../core/resources/resource-id.ts";
import type { DesiredResource, EventSubscriptionResource } from "../../core/resources/resources.ts";
import { usualTopicType } from "./default-event-types.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { dropResource } from "./drop-resource.ts";

/** Topic types of sources that are in no region. */
const GLOBAL_TOPIC_TYPE = /^Microsoft\.(?:Resources|Maps)\./i;

/** Topics that come and go with other resources. */
export interface AttachedTopics {
  /**
   * The topic of a subscription: a domain's topic, or the system topic of a source, is made when it is missing.
   * [EG-DOMAIN-AUTO-CREATE] [EG-SYSTEM-TOPIC-IMPLICIT]
   */
  ensureTopicOf(subscription: EventSubscriptionResource): Promise<void>;
  /** After a subscription has gone: its topic goes with its last one. [EG-DOMAIN-AUTO-DELETE] */
  releaseTopicOf(subscription: EventSubscriptionResource): Promise<void>;
}

export function createAttachedTopics(
  dependencies: ControlPlaneDependencies,
  put: (desired: DesiredResource) => Promise<unknown>,
): AttachedTopics {
  const { directory } = dependencies;
  /** By source: subscriptions made at the same time share one. */
  const making = new Map<string, Promise<unknown>>();

  /** The topic that the subscription needs and that is not there. */
  function missingTopic({ properties, location }: EventSubscriptionResource): DesiredResource | undefined {
    const source = properties.topic;
    const domain = domainOfTopic(source);
    if (domain !== undefined) {
      if (directory.get(source) !== undefined || directory.get(domain) === undefined) return undefined;
      const name = resourceName(source);
      return { id: source, name, type: "Microsoft.EventGrid/domains/topics", location, properties: {} };
    }
    const topicType = usualTopicType(source)?.name;
    if (topicType === undefined || directory.systemTopicOf(source) !== undefined) return undefined;
    const name = `${resourceName(source).replaceAll(/[^A-Za-z\d-]/g, "-")}-${guidOf(resourceKey(source))}`;
    return {
      id: resourceId(scopeOf(source), "Microsoft.EventGrid/systemTopics", name),
      name,
      type: "Microsoft.EventGrid/systemTopics",
      location: GLOBAL_TOPIC_TYPE.test(topicType) ? "global" : location,
      implicit: true,
      properties: { source, topicType },
    };
  }

  async function ensureTopicOf(subscription: EventSubscriptionResource): Promise<void> {
    const key = resourceKey(subscription.properties.topic);
    let made = making.get(key);
    if (made === undefined) {
      const topic = missingTopic(subscription);
      if (topic === undefined) return;
      made = put(topic)
        .catch((thrown: unknown) => {
          // Another one took its place meanwhile: the subscription has its topic.
          if (missingTopic(subscription) !== undefined) throw thrown;
        })
        .finally(() => making.delete(key));
      making.set(key, made);
    }
    await made;
  }

  /** The id of a topic that goes with its last subscription. */
  function leavingTopic(source: string): string | undefined {
    const domain = domainOfTopic(source);
    if (domain === undefined) {
      const systemTopic = directory.systemTopicOf(source);
      return systemTopic?.implicit === true ? systemTopic.id : undefined;
    }
    const { autoDeleteTopicWithLastSubscription: deletes } =
      directory.find("Microsoft.EventGrid/domains", domain)?.properties ?? {};
    return deletes === false ? undefined : source;
  }

  async function releaseTopicOf(subscription: EventSubscriptionResource): Promise<void> {
    const source = subscription.properties.topic;
    if (directory.subscriptionCountOf(source) > 0) return;
    const id = leavingTopic(source);
    if (id === undefined || directory.get(id) === undefined) return;
    await dropResource(dependencies, id);
    // One that was made meanwhile saw the topic still there.
    const [next] = directory.subscriptionsOf(source);
    if (next !== undefined) await ensureTopicOf(next);
  }

  return { ensureTopicOf, releaseTopicOf };
}

/** A GUID that is the same for the same text at every node: nodes that make a topic at the same time make one. */
function guidOf(text: string): string {
  const hash = createHash("sha256").update(text).digest("hex");
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join("-");
}
