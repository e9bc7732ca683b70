import { event, type TopicTypeDetails } from "../topic-type-details.ts";

/** `Microsoft.Eventhub.Namespaces` */
export const eventHub: TopicTypeDetails = {
  displayName: "Event Hubs Namespaces",
  description: "Files that the event hubs of a namespace capture.",
  eventTypes: {
    CaptureFileCreated: event("A file with captured events was written.", "", "eventhubs/readings", {
      fileUrl: "https://ringmain.blob.core.windows.net/captures/<name>/readings/0/2026/01/31/12/00/00.avro",
      fileType: "AzureBlockBlob",
      partitionId: "0",
      sizeInBytes: 249_168,
      eventCount: 1500,
      firstSequenceNumber: 2400,
      lastSequenceNumber: 3899,
      firstEnqueueTime: "<time>",
      lastEnqueueTime: "<time>",
    }),
  },
};
