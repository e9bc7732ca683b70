import { createHmac } from "node:crypto";
import type { WebHookProperties } from "../../core/destinations/web-hook.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import { SECOND_MS, type EpochMs } from "../../core/time.ts";
import type { DeliveryTokenRequest, DeliveryTokens } from "../../ports/delivery-tokens.ts";
import type { HttpSender } from "../outgoing/http-client.ts";

/** The collaborators that authenticate requests to webhooks. */
export interface WebhookIdentity {
  readonly tokens: DeliveryTokens;
  readonly now: () => EpochMs;
}

/** Returns a client that adds the token and the signature that a subscription's settings require. */
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

/** Returns the request for a webhook's token; `undefined` if Entra does not protect it. [EG-ENTRA-WEBHOOK] */
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
 * Returns a client that adds the token, and sends nothing without it. A missing token is not the endpoint's fault and
 * may be temporary, so the delivery is retried. Source: [EG-ENTRA-WEBHOOK]
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

/** Returns headers without `Authorization`: the token replaces a delivery attribute with this name. */
function withoutAuthorization(headers: readonly string[]): string[] {
  return headers.filter((_, index) => headers[index - (index % 2)]?.toLowerCase() !== "authorization");
}

/** Returns a client that signs requests with a body as in Standard Webhooks. Source: [EG-WEBHOOK-SIGNATURE] */
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
