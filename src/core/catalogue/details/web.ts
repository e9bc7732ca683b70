import type { JsonObject } from "../../json.ts";
import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

const CALL: JsonObject = {
  clientRequestId: "64a5e0aa-7cee-4ff1-9093-b9197b820014",
  correlationRequestId: "25bb36a5-8f6c-4f04-b615-e9a0ee045756",
  requestId: "f2e8eb3f-b190-42de-b99e-6acefe587374",
};
const SPACE = "/websystems/WebSites/web/subscriptions/<subscriptionId>/webspaces/ringmain";

function site(description: string, action: string, path: string): EventTypeDetails {
  return event(description, "1", "/Microsoft.Web/sites/<name>", {
    appEventTypeDetail: { action },
    name: "<name>",
    ...CALL,
    address: `${SPACE}/sites/<name>/${path}`,
    verb: "POST",
  });
}

/** `Microsoft.Web.Sites` */
export const webSites: TopicTypeDetails = {
  displayName: "App Services",
  description: "Changes, backups and slot swaps of a web app.",
  eventTypes: {
    AppUpdated: site("An app was changed, started, stopped or restarted.", "Restarted", "restart"),
    BackupOperationStarted: site("A backup began.", "Started", "backup"),
    BackupOperationCompleted: site("A backup was completed.", "Completed", "backup"),
    BackupOperationFailed: site("A backup failed.", "Failed", "backup"),
    RestoreOperationStarted: site("A restore began.", "Started", "restore"),
    RestoreOperationCompleted: site("A restore was completed.", "Completed", "restore"),
    RestoreOperationFailed: site("A restore failed.", "Failed", "restore"),
    SlotSwapStarted: site("A slot swap began.", "Started", "slotsswap"),
    SlotSwapCompleted: site("Slots were swapped.", "Completed", "slotsswap"),
    SlotSwapFailed: site("A slot swap failed.", "Failed", "slotsswap"),
    SlotSwapWithPreviewStarted: site("A slot swap with preview began.", "Started", "applySlotConfig"),
    SlotSwapWithPreviewCancelled: site("A slot swap with preview was cancelled.", "Cancelled", "resetSlotConfig"),
  },
};

/** `Microsoft.Web.ServerFarms` */
export const webServerFarms: TopicTypeDetails = {
  displayName: "App Service Plans",
  description: "Changes of an app service plan.",
  eventTypes: {
    AppServicePlanUpdated: event("An app service plan was changed.", "1", "/Microsoft.Web/serverfarms/<name>", {
      appServicePlanEventTypeDetail: { stampKind: "Public", action: "Updated", status: "Completed" },
      sku: { name: "P1v3", Tier: "PremiumV3", Size: "P1v3", Family: "Pv3", Capacity: "1" },
      name: "<name>",
      ...CALL,
      address: `${SPACE}/serverfarms/<name>`,
      verb: "PUT",
    }),
  },
};
