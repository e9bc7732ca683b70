import { LIMITS } from "./limits.ts";
import { attributeRules } from "./resource-rules-attributes.ts";
import { invalid, isGiven, outside, quote, type ResourceProblem } from "./resource-rules-problem.ts";
import type { BatchingProperties, DeadLetterDescription, DestinationDescription } from "./resources.ts";

/** Ringmain's own bound; the service does not tell one. Source: [EG-ENDPOINT-URL] */
const ENDPOINT_URL_CHARS = 4_096;
/** Scheme, user information, host (a name, an IPv4 address, or an IPv6 address in brackets), port, and the rest. */
const HTTP_URL =
  /^https?:\/\/(?<user>[^/?#@]*@)?(?<host>[^\s/?#@:[\]\\<>^|%"`{}]+|\[[\da-f:.]+\])(?::(?<port>\d{0,5}))?(?:[/?#].*)?$/i;
const FUNCTION_ID = /\/providers\/Microsoft\.Web\/sites\/[^/]+\/functions\/[^/]+\/?$/i;
const STORAGE_ACCOUNT_ID = /\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
/** A blob container's name: letters, digits and single hyphens. */
const CONTAINER = /^(?=.{3,63}$)[a-z\d]+(?:-[a-z\d]+)*$/;

/** What is wrong with where a subscription's events go. */
export function destinationRules(destination: DestinationDescription, field: string): readonly ResourceProblem[] {
  const properties = `${field}.properties`;
  switch (destination.endpointType) {
    case "WebHook":
      return [
        ...urlRules(destination.properties.endpointUrl, `${properties}.endpointUrl`),
        ...pushRules(destination, properties),
      ];
    case "AzureFunction": {
      const { resourceId } = destination.properties;
      const wrong = typeof resourceId !== "string" || !FUNCTION_ID.test(resourceId);
      // [EG-FUNCTION-ID]
      const message = `${quote(resourceId)} is not the resource id of a function: '…/providers/Microsoft.Web/sites/{app}/functions/{function}'.`;
      return [...(wrong ? [invalid(`${properties}.resourceId`, message)] : []), ...pushRules(destination, properties)];
    }
    default: {
      const { endpointType } = destination satisfies never as { readonly endpointType: unknown };
      return [invalid(`${field}.endpointType`, `Destinations of type ${quote(endpointType)} are not supported.`)];
    }
  }
}

function pushRules({ properties }: DestinationDescription, field: string): readonly ResourceProblem[] {
  return [
    ...batchingRules(properties, field),
    ...attributeRules(properties.deliveryAttributeMappings, `${field}.deliveryAttributeMappings`),
  ];
}

/** [EG-BATCH-OUT] */
function batchingRules(properties: BatchingProperties, field: string): readonly ResourceProblem[] {
  const { maxEventsPerBatch: events, preferredBatchSizeInKilobytes: kilobytes } = properties;
  return [
    ...(isGiven(events) ? outside(`${field}.maxEventsPerBatch`, events, 1, LIMITS.maxEventsPerBatch) : []),
    ...(isGiven(kilobytes)
      ? outside(`${field}.preferredBatchSizeInKilobytes`, kilobytes, 1, LIMITS.maxPreferredBatchKilobytes)
      : []),
  ];
}

/**
 * A webhook's URL may hold secrets: no message repeats it. Plain HTTP is allowed, other than on the service, because
 * receivers on the same machine have no certificate.
 *
 * Source: [EG-ENDPOINT-URL]
 */
function urlRules(url: unknown, field: string): readonly ResourceProblem[] {
  if (typeof url === "string" && url.length > ENDPOINT_URL_CHARS) {
    const message = `Supplied URL is invalid. It has ${url.length} characters; at most ${ENDPOINT_URL_CHARS} are allowed.`;
    return [invalid(field, message)];
  }
  const parts = typeof url === "string" && !hasBlanks(url) ? HTTP_URL.exec(url)?.groups : undefined;
  if (parts === undefined || Number(parts["port"] ?? 0) > 65_535) {
    const message =
      "Supplied URL is invalid. It cannot be null or empty and should be a proper HTTP or HTTPS URL like https://www.example.com.";
    return [invalid(field, message)];
  }
  if (parts["user"] === undefined) return [];
  return [invalid(field, "Supplied URL is invalid. It must not hold a user name or password.")];
}

/** White space and control characters anywhere: URLs escape them. */
function hasBlanks(text: string): boolean {
  return Array.from(text).some((character) => character <= " " || character === "\u007F" || character.trim() === "");
}

/** What is wrong with where undeliverable events go. [EG-DEADLETTER-DESTINATION] */
export function deadLetterRules(description: DeadLetterDescription, field: string): readonly ResourceProblem[] {
  const properties = `${field}.properties`;
  switch (description.endpointType) {
    case "StorageBlob": {
      const { resourceId, blobContainerName } = description.properties;
      const problems: ResourceProblem[] = [];
      if (typeof resourceId !== "string" || !STORAGE_ACCOUNT_ID.test(resourceId)) {
        const message = `${quote(resourceId)} is not the resource id of a storage account: '…/providers/Microsoft.Storage/storageAccounts/{account}'.`;
        problems.push(invalid(`${properties}.resourceId`, message));
      }
      if (typeof blobContainerName !== "string" || !CONTAINER.test(blobContainerName)) {
        const message = `${quote(blobContainerName)} is no name of a blob container: 3 to 63 lower-case letters, digits and single hyphens.`;
        problems.push(invalid(`${properties}.blobContainerName`, message));
      }
      return problems;
    }
    case "Folder": {
      const { path } = description.properties;
      if (typeof path === "string" && path !== "" && !path.includes("\0")) return [];
      return [invalid(`${properties}.path`, "A dead-letter folder needs a path.")];
    }
    default: {
      const { endpointType } = description satisfies never as { readonly endpointType: unknown };
      const message = `Dead-letter destinations of type ${quote(endpointType)} are not supported.`;
      return [invalid(`${field}.endpointType`, message)];
    }
  }
}
