import type { JsonObject } from "../../json.ts";
import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

function changed(description: string, path: string): EventTypeDetails {
  return event(description, "1", path, { resourceUri: `<source>${path}` });
}

const API = "/apis/orders;Rev=1";
const RELEASE = "/apis/orders/releases/first";
const PRODUCT = "/products/starter";
const SUBSCRIPTION = "/subscriptions/billing";
const USER = "/users/operator-ringmain-example";
const GATEWAY = "/gateways/edge";
const GATEWAY_API = `${GATEWAY}/apis/orders`;
const AUTHORITY = `${GATEWAY}/certificateAuthorities/root`;
const HOSTNAME = `${GATEWAY}/hostnameConfigurations/default`;
const GATEWAY_INFO: JsonObject = { gatewayId: "edge", instanceId: "edge-1" };
const BREAKER = "/backends/orders/circuit-breaker/rules/slow";
const BREAKER_DATA: JsonObject = {
  backendName: "orders",
  circuitBreaker: { rules: { slow: { tripDuration: "00:00:30" } } },
};

/** `Microsoft.ApiManagement.Service` */
export const apiManagement: TopicTypeDetails = {
  displayName: "Azure API Management Service",
  description: "What is set up in an API management service, its gateways and its circuit breakers.",
  eventTypes: {
    APICreated: changed("An API was created.", API),
    APIUpdated: changed("An API was changed.", API),
    APIDeleted: changed("An API was deleted.", API),
    APIReleaseCreated: changed("A release of an API was created.", RELEASE),
    APIReleaseUpdated: changed("A release of an API was changed.", RELEASE),
    APIReleaseDeleted: changed("A release of an API was deleted.", RELEASE),
    ProductCreated: changed("A product was created.", PRODUCT),
    ProductUpdated: changed("A product was changed.", PRODUCT),
    ProductDeleted: changed("A product was deleted.", PRODUCT),
    SubscriptionCreated: changed("A subscription to APIs was created.", SUBSCRIPTION),
    SubscriptionUpdated: changed("A subscription to APIs was changed.", SUBSCRIPTION),
    SubscriptionDeleted: changed("A subscription to APIs was deleted.", SUBSCRIPTION),
    UserCreated: changed("A user was created.", USER),
    UserUpdated: changed("A user was changed.", USER),
    UserDeleted: changed("A user was deleted.", USER),
    GatewayCreated: changed("A self-hosted gateway was created.", GATEWAY),
    GatewayUpdated: changed("A self-hosted gateway was changed.", GATEWAY),
    GatewayDeleted: changed("A self-hosted gateway was deleted.", GATEWAY),
    GatewayAPIAdded: changed("An API was added to a gateway.", GATEWAY_API),
    GatewayAPIRemoved: changed("An API was removed from a gateway.", GATEWAY_API),
    GatewayCertificateAuthorityCreated: changed("A certificate authority was added to a gateway.", AUTHORITY),
    GatewayCertificateAuthorityUpdated: changed("A certificate authority of a gateway was changed.", AUTHORITY),
    GatewayCertificateAuthorityDeleted: changed("A certificate authority of a gateway was deleted.", AUTHORITY),
    GatewayHostnameConfigurationCreated: changed("A host name was added to a gateway.", HOSTNAME),
    GatewayHostnameConfigurationUpdated: changed("A host name of a gateway was changed.", HOSTNAME),
    GatewayHostnameConfigurationDeleted: changed("A host name of a gateway was deleted.", HOSTNAME),
    GatewayTokenNearExpiry: event("A gateway's access token expires soon.", "1", `${GATEWAY}/edge-1`, {
      gatewayInfo: GATEWAY_INFO,
      tokenInfo: { expiresAtUtc: "<time>" },
    }),
    GatewayTokenExpired: event("A gateway's access token has expired.", "1", `${GATEWAY}/edge-1`, {
      gatewayInfo: GATEWAY_INFO,
      tokenInfo: { expiredAtUtc: "<time>" },
    }),
    "CircuitBreaker.Opened": event("A backend's circuit breaker opened.", "1", BREAKER, BREAKER_DATA),
    "CircuitBreaker.Closed": event("A backend's circuit breaker closed.", "1", BREAKER, BREAKER_DATA),
  },
};
