import { LIMITS } from "../limits.ts";
import type { Desired, Identifiable, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { nameProblems } from "../rules/problem.ts";
import { systemSourceRules } from "../rules/system-rules.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A system topic: carries the events of `properties.source`. It has neither an endpoint nor keys. */
export type SystemTopicResource = ResourceBase<"Microsoft.EventGrid/systemTopics", SystemTopicProperties> &
  Identifiable & {
    /** Set if a subscription to its source created it. It is deleted with the last one. */
    readonly implicit?: true;
  };

/** Properties of a system topic. */
export interface SystemTopicProperties {
  /** ARM id of the source. Delivered as the `topic` of its events. */
  readonly source: string;
  /** Topic type, for example `Microsoft.Storage.StorageAccounts`. */
  readonly topicType: string;
}

/** Desired state of a system topic. */
export type DesiredSystemTopic = Desired<SystemTopicResource>;

/** Maximum length of names. [EG-SYSTEM-TOPIC-NAME] */
const SYSTEM_TOPIC_NAME_MAX_CHARS = 128;

/** Resource kind of system topics. Their events are routed by the id of the source. */
export const systemTopicKind: ResourceKind<SystemTopicResource> = {
  ...PLAIN,
  type: "Microsoft.EventGrid/systemTopics",
  noun: "system topic",
  placement: { kind: "group" },
  location: "chosen",
  keyBytes: undefined,
  subscribable: true,
  eventSource: ({ properties }) => properties.source,
  places: ({ properties }) => [["source", resourceKey(properties.source)]],
  rules: ({ name, properties }, { isNew }) => {
    const bounds = { low: LIMITS.topicNameMinChars, high: SYSTEM_TOPIC_NAME_MAX_CHARS };
    return [
      ...(isNew ? nameProblems(name, { noun: "System topic", ...bounds }) : []),
      ...systemSourceRules(properties),
    ];
  },
};
