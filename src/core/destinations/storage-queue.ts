import { invalid, isGiven, quote, type ResourceProblem } from "../rules/problem.ts";
import { AZURE_KIND, resourceIdProperty, type DestinationKind } from "./destination-kind.ts";
import type { ResourceProperties } from "./destination-property.ts";
import { isStorageName } from "./storage-name.ts";

/** Properties of a storage queue destination. */
export interface StorageQueueProperties extends ResourceProperties {
  readonly queueName: string;
  /** Time to live of messages in seconds; -1 for no limit. Default: seven days. Source: [EG-QUEUE-TTL] */
  readonly queueMessageTimeToLiveInSeconds?: number;
}

const FORM = "…/providers/Microsoft.Storage/storageAccounts/{account}";
const QUEUE_ID = /^(.*\/storageAccounts\/[^/]+)\/queueServices\/default\/queues\/([^/]+)$/i;

/** Destination: a queue of a storage account. Each event is one message. */
export const STORAGE_QUEUE: DestinationKind<StorageQueueProperties> = {
  ...AZURE_KIND,
  called: "a queue of a storage account",
  resource: { form: FORM, called: "a storage account" },
  properties: {
    resourceId: resourceIdProperty(FORM),
    queueName: { form: "text", required: true },
    queueMessageTimeToLiveInSeconds: { form: "number", description: "-1 for no limit. Unless set, seven days." },
  },
  // The queues of the Azurite that Ringmain starts need no connection.
  lookUp: { lists: ["connections", "storageAccounts"], property: "resourceId" },
  rules: (properties, { field }) => queueRules(properties, field),
  endpoint: {
    words: "an ARM id",
    form: "…/storageAccounts/{account}/queueServices/default/queues/{queue}",
    read: (id) => {
      const [, resourceId, queueName] = QUEUE_ID.exec(id) ?? [];
      return resourceId === undefined || queueName === undefined ? undefined : { resourceId, queueName };
    },
    shownBy: ["resourceId", "queueName"],
  },
};

/** Returns the problems of the name of the queue and of the time to live. [EG-QUEUE-NAME] [EG-QUEUE-TTL] */
function queueRules(properties: StorageQueueProperties, field: string): readonly ResourceProblem[] {
  const { queueName, queueMessageTimeToLiveInSeconds: seconds } = properties;
  const problems: ResourceProblem[] = [];
  if (!isStorageName(queueName)) {
    const message = `${quote(queueName)} is no name of a queue: 3 to 63 lower-case letters, digits and single hyphens.`;
    problems.push(invalid(`${field}.queueName`, message));
  }
  if (isGiven(seconds) && !(Number.isInteger(seconds) && (seconds > 0 || seconds === -1))) {
    const message = `queueMessageTimeToLiveInSeconds must be a whole number above 0, or -1 for no end, not ${quote(seconds)}.`;
    problems.push(invalid(`${field}.queueMessageTimeToLiveInSeconds`, message));
  }
  return problems;
}
