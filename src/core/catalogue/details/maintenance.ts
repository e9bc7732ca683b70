import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const SCHEDULE: JsonObject = {
  correlationId: "<source>/providers/microsoft.maintenance/applyupdates/20260131150000",
  maintenanceConfigurationId: "<source>",
  startDateTime: "2026-01-31T15:00:00Z",
  endDateTime: "2026-01-31T18:55:00Z",
  resourceSubscriptionIds: ["<subscriptionId>"],
};

/** `Microsoft.Maintenance.MaintenanceConfigurations` */
export const maintenance: TopicTypeDetails = {
  displayName: "Azure Maintenance Configurations",
  description: "Maintenance that a configuration schedules.",
  eventTypes: {
    PreMaintenanceEvent: event("A scheduled maintenance begins soon.", "1.0", "<name>", {
      ...SCHEDULE,
      cancellationCutOffDateTime: "2026-01-31T14:59:00Z",
    }),
    PostMaintenanceEvent: event("A scheduled maintenance has ended.", "1.0", "<name>", {
      ...SCHEDULE,
      status: "Succeeded",
    }),
  },
};
