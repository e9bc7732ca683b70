import { event, type EventTypeDetails } from "../../topic-type-details.ts";

const [FROM, TO] = ["+12065550100", "+12065550199"];
const MESSAGE = "950850f5-bcdf-4315-b77a-6447cf56fac9";
const SENDER = "shop@ringmain.example";
const RECIPIENT = "customer@ringmain.example";
const CHANNEL = "b045be8c-45e6-4492-b2a2-ad89310c4775";

/** The events of `Microsoft.Communication.CommunicationServices` about text messages, mail and WhatsApp. */
export const MESSAGE_EVENTS: Readonly<Record<string, EventTypeDetails>> = {
  SMSReceived: event("A text message was received.", "1.0", `/phonenumber/${TO}`, {
    messageId: "Incoming_20260131120000",
    from: FROM,
    to: TO,
    message: "Yes, please.",
    receivedTimestamp: "<time>",
    segmentCount: 1,
  }),
  SMSDeliveryReportReceived: event("What became of a text message.", "1.0", `/phonenumber/${FROM}`, {
    messageId: "Outgoing_20260131120000",
    from: FROM,
    to: TO,
    deliveryStatus: "Delivered",
    deliveryStatusDetails: "No error.",
    deliveryAttempts: [{ timestamp: "<time>", segmentsSucceeded: 1, segmentsFailed: 0 }],
    receivedTimestamp: "<time>",
    tag: "order-1",
  }),
  EmailDeliveryReportReceived: event("What became of a mail.", "1.0", `sender/${SENDER}/message/${MESSAGE}`, {
    sender: SENDER,
    recipient: RECIPIENT,
    internetMessageId: `<${MESSAGE}@ringmain.example>`,
    messageId: MESSAGE,
    status: "Delivered",
    deliveryStatusDetails: { recipientMailServerHostName: "mx.ringmain.example", statusMessage: "No error." },
    deliveryAttemptTimestamp: "<time>",
  }),
  EmailEngagementTrackingReportReceived: event(
    "A mail was opened or a link in it followed.",
    "1.0",
    `sender/${SENDER}/message/${MESSAGE}`,
    {
      sender: SENDER,
      recipient: RECIPIENT,
      messageId: MESSAGE,
      userActionTimestamp: "<time>",
      engagementContext: "",
      userAgent: "Mozilla/5.0",
      engagementType: "view",
    },
  ),
  AdvancedMessageReceived: event(
    "A message from WhatsApp was received.",
    "1.0",
    `advancedMessage/sender/${FROM}/recipient/${CHANNEL}`,
    {
      from: FROM,
      to: CHANNEL,
      receivedTimestamp: "<time>",
      messageType: "text",
      messageId: MESSAGE,
      content: "Where is my order?",
      channelType: "whatsapp",
    },
  ),
  AdvancedMessageDeliveryStatusUpdated: event(
    "What became of a message to WhatsApp.",
    "1.0",
    `advancedMessage/${MESSAGE}/status/delivered`,
    {
      from: CHANNEL,
      to: FROM,
      receivedTimestamp: "<time>",
      messageId: MESSAGE,
      status: "delivered",
      channelType: "whatsapp",
    },
  ),
};
