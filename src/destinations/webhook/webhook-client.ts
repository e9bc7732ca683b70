import { createHmac } from "node:crypto";
import type { WebHookProperties } from "../../core/destinations/web-hook.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { DeliveryTokenRequest, DeliveryTokens } from "../../ports/delivery-tokens.ts";
import type { HttpSender } from "../outgoing/http-client.ts";

/** How webhooks learn who it is that calls them. */
export interface WebhookIdentity {
  readonly tokens: DeliveryTokens;
  readonly now: () => EpochMs;
}

/** A client that says in every request of a subscription who sends it, where the subscription asks for that. */
export function webhookClient(
  client: HttpSender,
  identity: WebhookIdentity,
  subscriber: Subscriber,
  properties: WebHookProperties,
): HttpSender {
  const { signingSecret } = properties;
  const signed = signingSecret === undefined ? client : withSignature(client, signingSecret, identity.now);
  const request = tokenRequest(subscriber, properties);
  return request === undefined ? signed : withToken(signed, identity.tokens, request);
}

/** The token that a webhook wants, if it is protected by Entra. [EG-ENTRA-WEBHOOK] */
function tokenRequest(
  { source, deliveryIdentity }: Subscriber,
  properties: WebHookProperties,
): DeliveryTokenRequest | undefined {
  const { azureActiveDirectoryApplicationIdOrUri: audience, azureActiveDirectoryTenantId: tenantId } = properties;
  if (audience === undefined || audience === "") return undefined;
  return {
    audience,
    source,
    ...(tenantId === undefined ? {} : { tenantId }),
    ...(deliveryIdentity === undefined ? {} : { identity: deliveryIdentity }),
  };
}

/**
 * Nothing is sent without the token. That there is none is no fault of the endpoint, and may pass: it is tried again.
 * Source: [EG-ENTRA-WEBHOOK]
 */
function withToken(client: HttpSender, tokens: DeliveryTokens, wanted: DeliveryTokenRequest): HttpSender {
  return {
    send: async (request, signal) => {
      const got = await tokens.get(wanted);
      if (got.kind === "failed") {
        const detail = `${request.method} ${request.target.shown} was not sent: Ringmain could not get its token: ${got.cause}.`;
        return { kind: "failed", outcome: "GenericError", detail };
      }
      const headers = [...withoutAuthorization(request.headers), "authorization", `Bearer ${got.token}`];
      return client.send({ ...request, headers }, signal);
    },
  };
}

/** A delivery attribute may have the name: the token stands in its place. */
function withoutAuthorization(headers: readonly string[]): string[] {
  return headers.filter((_, index) => headers[index - (index % 2)]?.toLowerCase() !== "authorization");
}

/** Signs what has a body, by the Standard Webhooks specification. Source: [EG-WEBHOOK-SIGNATURE] */
function withSignature(client: HttpSender, secret: string, now: () => EpochMs): HttpSender {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return {
    send: (request, signal) => {
      const { body, messageId } = request;
      if (body === undefined || messageId === undefined) return client.send(request, signal);
      const id = messageId();
      const timestamp = String(Math.floor(now() / SECOND_MS));
      const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
      const added = ["webhook-id", id, "webhook-timestamp", timestamp, "webhook-signature", `v1,${signature}`];
      return client.send({ ...request, headers: [...request.headers, ...added] }, signal);
    },
  };
}
