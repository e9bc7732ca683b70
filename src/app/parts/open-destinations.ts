import { join } from "node:path";
import type { LocalIssuer } from "../../auth/local-issuer/local-issuer.ts";
import { SECOND_MS } from "../../core/time.ts";
import { createDestinations, type Destinations } from "../../destinations/index.ts";
import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import { createDeliveryTokens } from "../access/delivery-identity.ts";
import type { Later } from "../lifecycle/later.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import type { OwnAddress } from "../report/own-address.ts";
import type { NamedTargets } from "./named-targets.ts";
import { storeFolder } from "./open-store.ts";

/** The parts that destinations use. */
export interface DestinationParts {
  readonly targets: NamedTargets;
  readonly issuer: LocalIssuer | undefined;
  readonly directory: Later<ResourceDirectory>;
  readonly ownAddress: OwnAddress;
}

/** Opens the destinations. Their release aborts the attempts that are still in progress. */
export function openDestinations(
  { config, folder, clock, random, parts }: StartContext,
  { targets, issuer, directory, ownAddress }: DestinationParts,
): Destinations {
  const { delivery, mode } = config;
  const destinations = createDestinations({
    webhookTimeoutMs: delivery.timeoutSeconds * SECOND_MS,
    connectionsPerOrigin: delivery.attempts,
    addressPolicy: mode === "dev" ? "any" : { allowedHosts: delivery.allowedHosts },
    functionApp: (name) => targets.functionApp(name),
    storageAccount: (name) => targets.storageAccount(name),
    connection: (name) => targets.connection(name),
    partnerDestination: (name) => targets.partnerDestination(name),
    queueMessageEncoding: delivery.queueMessageEncoding,
    eventHubBody: delivery.eventHubBody,
    webhookIdentity: {
      tokens: createDeliveryTokens({
        config,
        clock,
        issuer,
        directory: () => directory.part,
        origin: () => ownAddress.origin(),
      }),
      now: () => clock.now(),
    },
    folder,
    ...(!config.memory && { alertsFile: join(storeFolder(config, folder), "alerts.jsonl") }),
    newId: () => random.uuid(),
  });
  parts.push("destinations", () => destinations.close());
  return destinations;
}
