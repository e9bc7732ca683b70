import { createHash } from "node:crypto";
import { domainOfTopic, resourceId, resourceKey, resourceName, scopeOf } from "../../core/resources/resource-id.ts";
import type { DesiredResource, EventSubscriptionResource } from "../../core/resources/resources.ts";
import { usualTopicType } from "./default-event-types.ts";
import type { ControlPlaneDependencies } from "./dependencies.ts";
import { dropResource } from "./drop-resource.ts";

/** Topic types whose sources belong to no region. */
const GLOBAL_TOPIC_TYPE = /^Microsoft\.(?:Resources|Maps)\./i;

/** Creates and deletes topics together with the event subscriptions that need them. */
export interface AttachedTopics {
  /**
   * Creates the topic of a subscription if it does not exist: a domain's topic, or the system topic of a source.
   * [EG-DOMAIN-AUTO-CREATE] [EG-SYSTEM-TOPIC-IMPLICIT]
   */
  ensureTopicOf(subscription: EventSubscriptionResource): Promise<void>;
  /** Deletes the topic of a deleted subscription if that was the topic's last one. [EG-DOMAIN-AUTO-DELETE] */
  releaseTopicOf(subscription: EventSubscriptionResource): Promise<void>;
}

/** Creates the {@link AttachedTopics} of a control plane. */
export function createAttachedTopics(
  dependencies: ControlPlaneDependencies,
  put: (desired: DesiredResource) => Promise<unknown>,
): AttachedTopics {
  const { directory } = dependencies;
  /** Topics that are being created, by source. Subscriptions that are created at the same time share one topic. */
  const creating = new Map<string, Promise<unknown>>();

  /** Returns the topic that a subscription needs, or `undefined` if it exists. */
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
    let created = creating.get(key);
    if (created === undefined) {
      const topic = missingTopic(subscription);
      if (topic === undefined) return;
      created = put(topic)
        .catch((thrown: unknown) => {
          // Another writer has created the topic in the meantime.
          if (missingTopic(subscription) !== undefined) throw thrown;
        })
        .finally(() => creating.delete(key));
      creating.set(key, created);
    }
    await created;
  }

  /** Returns the id of the topic that is deleted with its last subscription, or `undefined` if the topic stays. */
  function topicToDelete(source: string): string | undefined {
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
    const id = topicToDelete(source);
    if (id === undefined || directory.get(id) === undefined) return;
    await dropResource(dependencies, id);
    // A subscription that was created in the meantime found the topic still there.
    const [next] = directory.subscriptionsOf(source);
    if (next !== undefined) await ensureTopicOf(next);
  }

  return { ensureTopicOf, releaseTopicOf };
}

/** Returns a GUID that depends on the text only, so that nodes that create a topic at the same time choose one name. */
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
