import { event, type EventTypeDetails, type TopicTypeDetails } from "../topic-type-details.ts";

function stage(description: string, stageName: string): EventTypeDetails {
  return event(description, "1", "/jobs/<name>", { serialNumber: "SN-0001", stageName, stageTime: "<time>" });
}

/** `Microsoft.DataBox.Jobs` */
export const dataBox: TopicTypeDetails = {
  displayName: "Azure Data Box",
  description: "How the order of a data box gets on.",
  eventTypes: {
    CopyStarted: stage("Copying from the device began.", "CopyStarted"),
    CopyCompleted: stage("Copying from the device is done.", "CopyCompleted"),
    OrderCompleted: stage("The order is done and its logs are there.", "OrderCompleted"),
  },
};
