import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

function completed(description: string, name: string): EventTypeDetails {
  return event(description, "1.0", name, { name, timestamp: "<time>", status: "Succeeded" });
}

/** `Microsoft.Cache.Redis` */
export const cache: TopicTypeDetails = {
  displayName: "Microsoft Azure Cache for Redis",
  description: "Upkeep of a Redis cache.",
  eventTypes: {
    PatchingCompleted: completed("The cache was patched.", "PatchingCompleted"),
    ScalingCompleted: completed("The cache was scaled.", "ScalingCompleted"),
    ImportRDBCompleted: completed("Data was imported into the cache.", "ImportRDBCompleted"),
    ExportRDBCompleted: completed("The cache's data was exported.", "ExportRDBCompleted"),
  },
};
