import type { HandshakeOutcome } from "../../ports/destination.ts";
import { REQUEST_ORIGIN } from "../push/delivery-headers.ts";
import type { HandshakeQuestion } from "./handshake-question.ts";

/**
 * Asks for consent with `OPTIONS`, the abuse protection of CloudEvents webhooks. An endpoint consents with a successful
 * response that allows Ringmain's origin or every origin. After another successful response, it can still consent by a
 * request to the callback URL. An allowed rate is neither requested nor read.
 * Source: [EG-HANDSHAKE-OPTIONS], [EG-HANDSHAKE-ORIGIN]
 */
export async function askByOptions(
  { client, target, headers, request }: HandshakeQuestion,
  signal: AbortSignal,
): Promise<HandshakeOutcome> {
  const asked = { "WebHook-Request-Origin": REQUEST_ORIGIN, "WebHook-Request-Callback": request.validationUrl };
  const reply = await client.send(
    {
      target,
      method: "OPTIONS",
      headers: [...Object.entries(asked).flat(), ...headers.fixedAttributes],
      keepBytes: 0,
    },
    signal,
  );
  if (reply.kind === "failed") return reply;
  const answered = `OPTIONS ${target.shown} answered ${reply.status}`;
  if (reply.status < 200 || reply.status > 299) return { kind: "failed", detail: `${answered}.` };
  const allowed = [reply.headers["webhook-allowed-origin"] ?? []].flat().flatMap((line) => line.split(","));
  if (allowed.some((origin) => isOurs(origin.trim()))) {
    return { kind: "validated", detail: `${answered} and allows the origin ${REQUEST_ORIGIN}.` };
  }
  const missing = `without allowing the origin ${REQUEST_ORIGIN} in WebHook-Allowed-Origin`;
  const instead = "a GET request to the callback URL consents too";
  return { kind: "awaiting-manual-action", detail: `${answered}, ${missing}; ${instead}.` };
}

function isOurs(origin: string): boolean {
  return origin === "*" || origin.toLowerCase() === REQUEST_ORIGIN;
}
