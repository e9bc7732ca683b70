import { LIMITS } from "../limits.ts";
import type { Desired, Identifiable, ResourceBase } from "../resources/base.ts";
import { resourceKey } from "../resources/resource-id.ts";
import { nameProblems } from "../rules/problem.ts";
import { systemSourceRules } from "../rules/system-rules.ts";
import { PLAIN, type ResourceKind } from "./kind.ts";

/** A system topic: publishes on behalf of `properties.source`; has neither endpoint nor keys. */
export type SystemTopicResource = ResourceBase<"Microsoft.EventGrid/systemTopics", SystemTopicProperties> &
  Identifiable & {
    /** Created by a subscription on its source, and deleted with the last one. */
    readonly implicit?: true;
  };

export interface SystemTopicProperties {
  /** ARM id of the resource whose events this topic carries; delivered as the events' `topic`. */
  readonly source: string;
  /** For example `Microsoft.Storage.StorageAccounts`. */
  readonly topicType: string;
}

/** A system topic as a caller asks for it. */
export type DesiredSystemTopic = Desired<SystemTopicResource>;

/** [EG-SYSTEM-TOPIC-NAME] */
const SYSTEM_TOPIC_NAME_MAX_CHARS = 128;

/** `Microsoft.EventGrid/systemTopics`. Its events are its source's. */
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
