import type { JsonObject } from "../../../json.ts";
import { event, type EventTypeDetails } from "../../topic-type-details.ts";
import { ALICE, BOB, phone, user } from "./people.ts";

const CALL_ID = "aHR0cHM6Ly9jb252LnJpbmdtYWluLmV4YW1wbGUvY29udi8x";
const CORRELATION = "e9a0ee04-5756-4f04-b615-25bb36a58f6c";
const CALLER = "+12065550100";
const CALL: JsonObject = {
  startedBy: { communicationIdentifier: user(ALICE), role: "Attendee" },
  serverCallId: CALL_ID,
  group: { id: "00000000-0000-0000-0000-000000000000" },
  isTwoParty: false,
  correlationId: CORRELATION,
  isRoomsCall: false,
};
const PARTICIPANT: JsonObject = {
  ...CALL,
  user: { communicationIdentifier: user(BOB), role: "Attendee" },
  displayName: "Bob",
  participantId: "041e3b8a-1cce-4ebf-b587-131312c39410",
  userAgent: "ringmain-sample/1.0",
};

/** Events of `Microsoft.Communication.CommunicationServices` about calls and their participants. */
export const CALL_EVENTS: Readonly<Record<string, EventTypeDetails>> = {
  IncomingCall: event("Somebody calls.", "1.0", `/caller/4:${CALLER}/recipient/${BOB}`, {
    to: user(BOB),
    from: phone(CALLER),
    serverCallId: CALL_ID,
    callerDisplayName: "",
    customContext: { sipHeaders: {}, voipHeaders: {} },
    incomingCallContext: "eyJhbGciOiJub25lIn0.e30.",
    correlationId: CORRELATION,
  }),
  CallStarted: event("A call began.", "1.0", `call/${CALL_ID}/startedBy/${ALICE}`, CALL),
  CallEnded: event("A call ended.", "1.0", `call/${CALL_ID}`, {
    ...CALL,
    endedBy: { communicationIdentifier: user(ALICE), type: "User", name: "Alice" },
    reason: { code: 0, subCode: 0, phrase: "" },
    callDurationInSeconds: 49.7,
  }),
  CallParticipantAdded: event("Somebody joined a call.", "1.0", `call/${CALL_ID}/participant/${BOB}`, PARTICIPANT),
  CallParticipantRemoved: event("Somebody left a call.", "1.0", `call/${CALL_ID}/participant/${BOB}`, PARTICIPANT),
  RecordingFileStatusUpdated: event(
    "A recording can be fetched.",
    "1.0",
    `/recording/call/${CALL_ID}/recordingId/recording-1`,
    {
      recordingStorageInfo: {
        recordingChunks: [
          {
            documentId: "0-document-1",
            index: 0,
            endReason: "SessionEnded",
            metadataLocation: "https://storage.ringmain.example/v1/objects/0-document-1/content/acsmetadata",
            contentLocation: "https://storage.ringmain.example/v1/objects/0-document-1/content/video",
            deleteLocation: "https://storage.ringmain.example/v1/objects/0-document-1",
          },
        ],
      },
      recordingStartTime: "<time>",
      recordingDurationMs: 6620,
      recordingContentType: "AudioVideo",
      recordingChannelType: "Mixed",
      recordingFormatType: "Mp4",
      sessionEndReason: "CallEnded",
    },
  ),
  UserDisconnected: event("A user lost the connection.", "1.0", `user/${ALICE}`, {
    userCommunicationIdentifier: user(ALICE),
  }),
};
