import type { JsonObject } from "../../../json.ts";
import { event, type EventTypeDetails } from "../../topic-type-details.ts";
import { ALICE, BOB, user } from "./people.ts";

const THREAD = "19:6e5d6ca1d75044a49a36a7965ec4a906@thread.v2";
/** Milliseconds since 1970. */
const VERSION = 1_769_860_800_000;

const IN_THREAD: JsonObject = { transactionId: "oh+LGB2dUUadMcTAdRWQxQ.1.1.1.1.1827536918.1.7", threadId: THREAD };
const TO_BOB: JsonObject = { recipientCommunicationIdentifier: user(BOB) };
const MESSAGE: JsonObject = {
  messageId: String(VERSION),
  senderCommunicationIdentifier: user(ALICE),
  senderDisplayName: "Alice",
  composeTime: "<time>",
  type: "Text",
  version: VERSION,
  ...IN_THREAD,
};
const WRITTEN: JsonObject = { ...MESSAGE, messageBody: "The order has arrived.", metadata: { order: "1" } };
const THREAD_AT: JsonObject = { createTime: "<time>", version: VERSION, ...IN_THREAD };
const PROPERTIES: JsonObject = { properties: { topic: "Order 1" }, metadata: { order: "1" } };
const PARTICIPANTS: JsonObject = {
  participants: [
    { displayName: "Alice", participantCommunicationIdentifier: user(ALICE) },
    { displayName: "Bob", participantCommunicationIdentifier: user(BOB) },
  ],
};
const CREATED: JsonObject = {
  ...THREAD_AT,
  createdByCommunicationIdentifier: user(ALICE),
  ...PROPERTIES,
  ...PARTICIPANTS,
};
const DELETED: JsonObject = { ...THREAD_AT, deletedByCommunicationIdentifier: user(ALICE), deleteTime: "<time>" };
const UPDATED: JsonObject = {
  ...THREAD_AT,
  editedByCommunicationIdentifier: user(ALICE),
  editTime: "<time>",
  ...PROPERTIES,
};
const JOINED: JsonObject = {
  time: "<time>",
  addedByCommunicationIdentifier: user(ALICE),
  participantAdded: { displayName: "Bob", participantCommunicationIdentifier: user(BOB) },
  version: VERSION,
  ...IN_THREAD,
};
const LEFT: JsonObject = {
  time: "<time>",
  removedByCommunicationIdentifier: user(ALICE),
  participantRemoved: { displayName: "Bob", participantCommunicationIdentifier: user(BOB) },
  version: VERSION,
  ...IN_THREAD,
};

/** Returns the details of an event that is raised once for a thread. */
function toThread(description: string, path: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", `thread/${THREAD}/${path}`, data);
}

/** Returns the details of an event that is raised for each user in a thread except the one who caused it. */
function toUser(description: string, path: string, data: JsonObject): EventTypeDetails {
  return event(description, "1.0", `thread/${THREAD}/${path}/recipient/${BOB}`, { ...data, ...TO_BOB });
}

const [SENDER, CREATOR, DELETER, EDITOR] = ["sender", "createdBy", "deletedBy", "editedBy"].map(
  (role) => `${role}/${ALICE}`,
) as [string, string, string, string];

/** The chat events of `Microsoft.Communication.CommunicationServices`. */
export const CHAT_EVENTS: Readonly<Record<string, EventTypeDetails>> = {
  ChatMessageReceived: toUser("A user was sent a message.", SENDER, WRITTEN),
  ChatMessageEdited: toUser("A message to a user was changed.", SENDER, { ...WRITTEN, editTime: "<time>" }),
  ChatMessageDeleted: toUser("A message to a user was deleted.", SENDER, { ...MESSAGE, deleteTime: "<time>" }),
  ChatMessageReceivedInThread: toThread("A message was sent in a thread.", SENDER, WRITTEN),
  ChatMessageEditedInThread: toThread("A message in a thread was changed.", SENDER, { ...WRITTEN, editTime: "<time>" }),
  ChatMessageDeletedInThread: toThread("A message in a thread was deleted.", SENDER, {
    ...MESSAGE,
    deleteTime: "<time>",
  }),
  ChatTypingIndicatorReceivedInThread: toThread("Somebody writes in a thread.", SENDER, {
    ...WRITTEN,
    messageBody: "",
  }),
  ChatAzureBotCommandReceivedInThread: toThread("A bot received a command in a thread.", SENDER, {
    ...WRITTEN,
    messageBody: "/status",
  }),
  ChatThreadCreated: toThread("A thread was created.", CREATOR, CREATED),
  ChatThreadDeleted: toThread("A thread was deleted.", DELETER, DELETED),
  ChatThreadPropertiesUpdated: toThread("A thread's properties were changed.", EDITOR, UPDATED),
  ChatThreadCreatedWithUser: toUser("A thread was created with a user.", CREATOR, CREATED),
  ChatThreadWithUserDeleted: toUser("A user's thread was deleted.", DELETER, DELETED),
  ChatThreadPropertiesUpdatedPerUser: toUser("The properties of a user's thread were changed.", EDITOR, UPDATED),
  ChatThreadParticipantAdded: toThread("Somebody was added to a thread.", `participantAdded/${BOB}`, JOINED),
  ChatThreadParticipantRemoved: toThread("Somebody was removed from a thread.", `participantRemoved/${BOB}`, LEFT),
  ChatParticipantAddedToThreadWithUser: toUser("Somebody was added to a user's thread.", `participantAdded/${BOB}`, {
    ...JOINED,
    createTime: "<time>",
  }),
  ChatParticipantRemovedFromThreadWithUser: toUser(
    "Somebody was removed from a user's thread.",
    `participantRemoved/${BOB}`,
    { ...LEFT, createTime: "<time>" },
  ),
};
