/** One of Azure's built-in roles. */
export interface BuiltInRole {
  /** GUID of the role definition. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Management operations that it allows. `*` matches any text. */
  readonly actions: readonly string[];
  /** Exceptions from `actions`. */
  readonly notActions: readonly string[];
  /** Actions on events that it allows. */
  readonly dataActions: readonly string[];
}

/** Name of the data action for sending events. */
export const SEND_EVENTS = "Microsoft.EventGrid/events/send/action";
/** Name of the data action for receiving events. */
export const RECEIVE_EVENTS = "Microsoft.EventGrid/events/receive/action";

const GROUPS = "Microsoft.Resources/subscriptions/resourceGroups/read";
const DEPLOYMENTS = "Microsoft.Resources/deployments/*";
const ROLES = "Microsoft.Authorization/*/read";
const SUBSCRIPTION_LISTS = [
  "Microsoft.EventGrid/topicTypes/eventSubscriptions/read",
  "Microsoft.EventGrid/locations/eventSubscriptions/read",
  "Microsoft.EventGrid/locations/topicTypes/eventSubscriptions/read",
];
const TARGETS = ["topics", "domains", "partnerNamespaces"].map((type) => `Microsoft.EventGrid/${type}/read`);

/** The built-in roles that have an effect here, or that templates assign to identities for deliveries. [ARM-ROLES] */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  role("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", "Manages everything, roles included.", ["*"]),
  {
    ...role("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", "Manages everything other than roles.", ["*"]),
    notActions: [
      "Microsoft.Authorization/*/delete",
      "Microsoft.Authorization/*/write",
      "Microsoft.Authorization/elevateAccess/*",
    ],
  },
  role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", "Reads everything, other than secrets.", ["*/read"]),
  role("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", "Manages who has which role.", [
    "*/read",
    "Microsoft.Authorization/*",
  ]),
  role("1e241071-0855-49ea-94dc-649edcd759de", "EventGrid Contributor", "Manages what belongs to Event Grid.", [
    ROLES,
    "Microsoft.EventGrid/*",
    DEPLOYMENTS,
    GROUPS,
  ]),
  role(
    "428e0ff0-5e57-4d9c-a221-2c70d0e0a443",
    "EventGrid EventSubscription Contributor",
    "Manages event subscriptions.",
    [ROLES, "Microsoft.EventGrid/eventSubscriptions/*", ...SUBSCRIPTION_LISTS, DEPLOYMENTS, GROUPS],
  ),
  role("2414bbcf-6497-4faf-8c65-045460748405", "EventGrid EventSubscription Reader", "Reads event subscriptions.", [
    ROLES,
    "Microsoft.EventGrid/eventSubscriptions/read",
    ...SUBSCRIPTION_LISTS,
    GROUPS,
  ]),
  {
    ...role("d5a91429-5739-47e2-a06b-3470a27159e7", "EventGrid Data Sender", "Sends events.", [
      ROLES,
      ...TARGETS,
      GROUPS,
    ]),
    dataActions: [SEND_EVENTS],
  },
  {
    ...role("78cbd9e7-9798-4e2e-9b5a-547d9ebb31fb", "EventGrid Data Receiver", "Receives events.", [ROLES, GROUPS]),
    dataActions: [RECEIVE_EVENTS],
  },
  {
    ...role("1d8c3fe3-8864-474b-8749-01e3783e8157", "EventGrid Data Contributor", "Sends and receives events.", [
      ROLES,
      ...TARGETS,
      GROUPS,
    ]),
    dataActions: [SEND_EVENTS, RECEIVE_EVENTS],
  },
  role("17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", "Manages storage accounts.", [
    ROLES,
    "Microsoft.Storage/storageAccounts/*",
    DEPLOYMENTS,
    GROUPS,
  ]),
  role("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor", "Reads and writes blobs.", []),
  role("974c5e8b-45b9-4653-ba55-5f855dd0fb88", "Storage Queue Data Contributor", "Reads and writes messages.", []),
  role("c6a89b2d-59bc-44d0-9896-0f6e12d7b80a", "Storage Queue Data Message Sender", "Sends messages to queues.", []),
  role("69a216fc-b8fb-44d8-bc22-1f3c2cd27a39", "Azure Service Bus Data Sender", "Sends to Service Bus.", []),
  role("2b629674-e913-4c01-ae53-ef4638d8f975", "Azure Event Hubs Data Sender", "Sends to Event Hubs.", []),
];

/** A role that allows operations of management only. */
function role(id: string, name: string, description: string, actions: readonly string[]): BuiltInRole {
  return { id, name, description, actions, notActions: [], dataActions: [] };
}

const BY_WORD = new Map(
  BUILT_IN_ROLES.flatMap((each) => [
    [each.id, each],
    [each.name.toLowerCase(), each],
  ]),
);

/** Returns the role with a name, GUID or definition id, in any case. */
export function builtInRole(word: string): BuiltInRole | undefined {
  return BY_WORD.get(word.toLowerCase().split("/").at(-1) ?? "");
}

/** Returns whether a role allows a management operation. Ignores case. */
export function allowsOperation({ actions, notActions }: BuiltInRole, operation: string): boolean {
  const name = operation.toLowerCase();
  return actions.some((pattern) => matches(pattern, name)) && !notActions.some((pattern) => matches(pattern, name));
}

function matches(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  if (rest.length === 0) return name === first;
  const last = rest.at(-1) ?? "";
  // No role's pattern has more than one star.
  return name.length >= first.length + last.length && name.startsWith(first) && name.endsWith(last);
}
