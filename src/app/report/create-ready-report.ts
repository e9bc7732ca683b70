import type { ResourceDirectory } from "../../engine/directory/resource-directory.ts";
import type { ServerAddress } from "../../http/server.ts";
import type { StartContext } from "../lifecycle/start-context.ts";
import type { FunctionApps } from "../parts/open-function-apps.ts";
import { storePlace } from "../parts/open-store.ts";
import type { StorageAccounts } from "../parts/storage/storage-accounts.ts";
import { VERSION } from "../system/version.ts";
import type { ReadyReport } from "./ready-report.ts";
import { reportEndpoints } from "./report-endpoints.ts";
import { reportTopics } from "./report-topics.ts";

/** The parts that a report describes. */
export interface ReportedParts {
  readonly address: ServerAddress;
  /** Addresses of topics that have their own port, by name. */
  readonly topicAddresses: ReadonlyMap<string, ServerAddress>;
  readonly directory: ResourceDirectory;
  readonly storage: StorageAccounts;
  readonly functionApps: FunctionApps;
}

/** Returns the report of a Ringmain that has started. It contains keys only in development. */
export function createReadyReport(
  { config, folder }: Pick<StartContext, "config" | "folder">,
  { address, topicAddresses, directory, storage, functionApps }: ReportedParts,
): ReadyReport {
  const { url } = address;
  const secrets = config.mode === "dev";
  const data = storePlace(config, folder);
  return {
    http: url,
    https: url.replace(/^http:/, "https:"),
    version: VERSION,
    mode: config.mode,
    ...(data === undefined ? {} : { data }),
    topics: reportTopics(directory, url, topicAddresses, secrets),
    domains: reportEndpoints(directory, "Microsoft.EventGrid/domains", url, secrets),
    partnerNamespaces: reportEndpoints(directory, "Microsoft.EventGrid/partnerNamespaces", url, secrets),
    storageAccounts: storage.reports(secrets),
    functionApps: functionApps.reports,
  };
}
