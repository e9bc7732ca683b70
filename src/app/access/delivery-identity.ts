import { fetchFromAuthority, KeptDeliveryTokens, type FetchToken } from "../../auth/delivery-tokens.ts";
import { fetchJson } from "../../auth/entra/fetch-json.ts";
import { guidOf, objectIdOf, type LocalIssuer, type TokenSubject } from "../../auth/local-issuer/local-issuer.ts";
import { SECOND_MS } from "../../core/time.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { Clock } from "../../ports/clock.ts";
import type { DeliveryTokenRequest, DeliveryTokens } from "../../ports/delivery-tokens.ts";
import type { Config } from "../config/schema.ts";
import { ownAudienceCheck } from "./own-audiences.ts";

/** The application that Event Grid is in every tenant, and the role that it has in applications that it calls. */
const EVENT_GRID: TokenSubject = {
  clientId: "4962773b-9cdb-44cf-a8bf-237846a00ab7",
  objectId: objectIdOf("4962773b-9cdb-44cf-a8bf-237846a00ab7"),
  roles: ["AzureEventGridSecureWebhookSubscriber"],
  proof: "certificate",
};

export interface DeliveryIdentityDependencies {
  readonly config: Pick<Config, "identity" | "port" | "tls">;
  readonly clock: Clock;
  readonly issuer: LocalIssuer | undefined;
  /** Asked when the first token is needed: by then there is an engine. */
  readonly directory: () => ResourceDirectory | undefined;
  /** Where receivers find the local issuer's keys; asked likewise. */
  readonly origin: () => string;
}

/** Tokens for webhooks: those of a configured application, or our own. [EG-ENTRA-WEBHOOK] */
export function createDeliveryTokens(deps: DeliveryIdentityDependencies): DeliveryTokens {
  const now = (): number => deps.clock.now();
  return new KeptDeliveryTokens(source(deps, now), now);
}

function source(dependencies: DeliveryIdentityDependencies, now: () => number): FetchToken {
  const fetchToken = anySource(dependencies, now);
  const isOwnAudience = ownAudienceCheck(dependencies.config);
  return async (request) => {
    // A subscription may be older than the rule that refuses it. [EG-ENTRA-OWN-AUDIENCE]
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

/** Returns who delivers: an identity of the source, or else Event Grid. */
function subjectOf(
  { identity, source: id }: DeliveryTokenRequest,
  directory: ResourceDirectory | undefined,
): TokenSubject {
  if (identity === undefined) return EVENT_GRID;
  const { userAssignedIdentity } = identity;
  // A GUID made of the text: the subscription's owner does not choose who it is.
  if (userAssignedIdentity !== undefined) return identityNamed(guidOf(userAssignedIdentity));
  const resource = directory?.get(id)?.resource;
  const own = resource !== undefined && "identity" in resource ? resource.identity?.principalId : undefined;
  return identityNamed(own ?? resource?.uid ?? guidOf(id));
}

function identityNamed(objectId: string): TokenSubject {
  return { ...EVENT_GRID, clientId: objectId, objectId };
}
