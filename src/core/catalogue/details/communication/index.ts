import type { TopicTypeDetails } from "../../topic-type-details.ts";
import { CALL_EVENTS } from "./calls.ts";
import { CHAT_EVENTS } from "./chat.ts";
import { MESSAGE_EVENTS } from "./messages.ts";
import { ROUTER_EVENTS } from "./router.ts";

/** `Microsoft.Communication.CommunicationServices` */
export const communication: TopicTypeDetails = {
  displayName: "Azure Communication Services",
  description: "Messages, chats, calls and routed jobs of a communication resource.",
  eventTypes: { ...MESSAGE_EVENTS, ...CHAT_EVENTS, ...CALL_EVENTS, ...ROUTER_EVENTS },
};
