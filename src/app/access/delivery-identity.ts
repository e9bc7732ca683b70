import { fetchFromAuthority, KeptDeliveryTokens, type FetchToken } from "../../auth/delivery-tokens.ts";
import { fetchJson } from "../../auth/entra/fetch-json.ts";
import { guidOf, objectIdOf, type LocalIssuer, type TokenSubject } from "../../auth/local-issuer/local-issuer.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryTokenRequest, DeliveryTokens } from "../../ports/delivery-tokens.ts";
import type { Config } from "../config/schema.ts";
import { ownAudienceCheck } from "./own-audiences.ts";

/** Event Grid's own application, which has the same id in every tenant, with the role that webhooks assign to it. */
const EVENT_GRID: TokenSubject = {
  clientId: "4962773b-9cdb-44cf-a8bf-237846a00ab7",
  objectId: objectIdOf("4962773b-9cdb-44cf-a8bf-237846a00ab7"),
  roles: ["AzureEventGridSecureWebhookSubscriber"],
  proof: "certificate",
};

/** Dependencies of delivery tokens. */
export interface DeliveryIdentityDependencies {
  readonly config: Pick<Config, "identity" | "port" | "tls">;
  readonly clock: Clock;
  readonly issuer: LocalIssuer | undefined;
  /** Returns the directory; called when a token is needed, because the engine is created later. */
  readonly directory: () => ResourceDirectory | undefined;
  /** Returns the origin where webhooks find the local issuer's keys; called when a token is needed. */
  readonly origin: () => string;
}

/** Creates the tokens for webhooks, from the configured authority or from the local issuer. [EG-ENTRA-WEBHOOK] */
export function createDeliveryTokens(dependencies: DeliveryIdentityDependencies): DeliveryTokens {
  const now = (): number => dependencies.clock.now();
  return new KeptDeliveryTokens(source(dependencies, now), now);
}

function source(dependencies: DeliveryIdentityDependencies, now: () => number): FetchToken {
  const fetchToken = anySource(dependencies, now);
  const isOwnAudience = ownAudienceCheck(dependencies.config);
  return async (request) => {
    // Checked again here: a subscription may have been created before a setting made its audience one of our own.
    // [EG-ENTRA-OWN-AUDIENCE]
    if (isOwnAudience(request.audience)) throw new Error("its application is this server itself");
    return fetchToken(request);
  };
}

function anySource({ config, issuer, directory, origin }: DeliveryIdentityDependencies, now: () => number): FetchToken {
  const { authority, clientId, clientSecret } = config.identity.delivery;
  if (authority !== undefined && clientId !== undefined && clientSecret !== undefined) {
    return fetchFromAuthority({ authority, clientId, clientSecret }, fetchJson, now);
  }
  return async (request) => {
    if (issuer === undefined) throw new Error("'identity.delivery' is not configured");
    const place = { origin: origin(), tenant: request.tenantId ?? "common", version: "2.0" } as const;
    const { token, expiresOn } = await issuer.issue(subjectOf(request, directory()), request.audience, place);
    return { token, expiresAt: expiresOn * SECOND_MS };
  };
}

/** Returns the principal of a delivery: the managed identity that the subscription uses, or else Event Grid. */
function subjectOf(
  { identity, source: id }: DeliveryTokenRequest,
  directory: ResourceDirectory | undefined,
): TokenSubject {
  if (identity === undefined) return EVENT_GRID;
  const { userAssignedIdentity } = identity;
  // A GUID derived from the text, so that the subscription's owner cannot choose a principal.
  if (userAssignedIdentity !== undefined) return identityNamed(guidOf(userAssignedIdentity));
  const resource = directory?.get(id)?.resource;
  const own = resource !== undefined && "identity" in resource ? resource.identity?.principalId : undefined;
  return identityNamed(own ?? resource?.uid ?? guidOf(id));
}

function identityNamed(objectId: string): TokenSubject {
  return { ...EVENT_GRID, clientId: objectId, objectId };
}
