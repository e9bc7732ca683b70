import { isJsonObject } from "../../core/json.ts";
import { formatTime } from "../../core/time.ts";
import type { HandshakeOutcome } from "../../ports/destination.ts";
import type { HandshakeQuestion } from "./handshake-question.ts";

/** Most bytes that are read of a response; a valid one has a few dozen bytes. */
const MAX_ANSWER_BYTES = 16_384;

/**
 * Asks for consent with a validation event. An endpoint consents with the event's code in a 200 response. After a 200
 * response without it, the validation URL can still be opened. Any other response, including 202, is a refusal.
 * Source: [EG-HANDSHAKE-EVENT], [EG-HANDSHAKE-CODE], [EG-HANDSHAKE-STATUS]
 */
export async function askByValidationEvent(
  { client, target, headers, topic, request }: HandshakeQuestion,
  signal: AbortSignal,
): Promise<HandshakeOutcome> {
  const { eventId, validationCode, validationUrl, now } = request;
  const event = {
    id: eventId,
    topic,
    subject: "",
    data: { validationCode, validationUrl },
    eventType: "Microsoft.EventGrid.SubscriptionValidationEvent",
    eventTime: formatTime(now),
    metadataVersion: "1",
    dataVersion: "1",
  };
  const reply = await client.send(
    {
      target,
      method: "POST",
      headers: headers.ofValidation(eventId),
      body: Buffer.from(JSON.stringify([event])),
      keepBytes: MAX_ANSWER_BYTES,
      messageId: () => eventId,
    },
    signal,
  );
  if (reply.kind === "failed") return reply;
  const answered = `POST ${target.shown} answered the validation event with ${reply.status}`;
  if (reply.status === 202) {
    return { kind: "failed", detail: `${answered}; only 200 with the validation code in the body counts.` };
  }
  if (reply.status !== 200) return { kind: "failed", detail: `${answered}.` };
  if (validationResponse(reply.body) === validationCode) {
    return { kind: "validated", detail: `${answered} and the validation code.` };
  }
  const missing =
    "without the validation code in `validationResponse`; a GET request to the validation URL consents too";
  return { kind: "awaiting-manual-action", detail: `${answered}, ${missing}.` };
}

/** Returns the code in a response, with any content type and the member's name in any case. */
function validationResponse(body: Buffer): string | undefined {
  try {
    const parsed = JSON.parse(new TextDecoder().decode(body)) as unknown;
    if (!isJsonObject(parsed)) return undefined;
    const name = Object.keys(parsed).find((key) => key.toLowerCase() === "validationresponse");
    const value = name === undefined ? undefined : parsed[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    // The response is not JSON: the endpoint does not implement validation.
    return undefined;
  }
}
