import { event, type TopicTypeDetails } from "../topic-type-details.ts";
import type { JsonObject } from "../../json.ts";

const PATH = "/blobServices/default/containers/pictures";
const BLOB = `${PATH}/blobs/holiday.jpg`;
const DIRECTORY = `${PATH}/blobs/2026`;
const BLOB_URL = "https://<name>.blob.core.windows.net/pictures/holiday.jpg";
const DFS_URL = "https://<name>.dfs.core.windows.net/pictures";

const CALL: JsonObject = {
  clientRequestId: "6d79dbfb-0e37-4fc4-981f-442c9ca65760",
  requestId: "831e1650-001e-001b-66ab-eeb76e000000",
};
const ORDER: JsonObject = {
  sequencer: "00000000000000000000000000000001",
  storageDiagnostics: { batchId: "b68529f3-68cd-4744-baa4-3c0498ec19f0" },
};
const SUMMARY: JsonObject = { totalObjectsCount: 16, successCount: 14, errorList: "" };
const QUEUED: JsonObject = { queuedDateTime: "<time>", taskExecutionId: "cleanup-0001" };
const COMPLETED: JsonObject = {
  status: "Succeeded",
  completedDateTime: "<time>",
  taskExecutionId: "cleanup-0001",
  taskName: "cleanup",
  summaryReportBlobUrl: "https://<name>.blob.core.windows.net/reports/cleanup-0001.csv",
};

/** `Microsoft.Storage.StorageAccounts` */
export const storageDetails: TopicTypeDetails = {
  displayName: "Storage Accounts (Blob & GPv2)",
  description: "What happens to blobs and directories of a storage account.",
  eventTypes: {
    BlobCreated: event("A blob was created or replaced.", "", BLOB, {
      api: "PutBlob",
      ...CALL,
      eTag: "0x8D4BCC2E4835CD0",
      contentType: "image/jpeg",
      contentLength: 524_288,
      blobType: "BlockBlob",
      accessTier: "Default",
      url: BLOB_URL,
      ...ORDER,
    }),
    BlobDeleted: event("A blob was deleted.", "", BLOB, {
      api: "DeleteBlob",
      ...CALL,
      contentType: "image/jpeg",
      blobType: "BlockBlob",
      url: BLOB_URL,
      ...ORDER,
    }),
    BlobRenamed: event("A blob was renamed, in an account with a hierarchical namespace.", "1", BLOB, {
      api: "RenameFile",
      ...CALL,
      sourceUrl: `${DFS_URL}/old.jpg`,
      destinationUrl: `${DFS_URL}/holiday.jpg`,
      ...ORDER,
    }),
    BlobTierChanged: event("A blob moved to another access tier.", "", BLOB, {
      api: "SetBlobTier",
      ...CALL,
      contentType: "image/jpeg",
      contentLength: 524_288,
      blobType: "BlockBlob",
      accessTier: "Cool",
      previousTier: "Hot",
      url: BLOB_URL,
      ...ORDER,
    }),
    DirectoryCreated: event("A directory was created.", "1", DIRECTORY, {
      api: "CreateDirectory",
      ...CALL,
      eTag: "0x8D4BCC2E4835CD0",
      url: `${DFS_URL}/2026`,
      ...ORDER,
    }),
    DirectoryDeleted: event("A directory was deleted.", "1", DIRECTORY, {
      api: "DeleteDirectory",
      ...CALL,
      url: `${DFS_URL}/2026`,
      recursive: "true",
      ...ORDER,
    }),
    DirectoryRenamed: event("A directory was renamed.", "1", DIRECTORY, {
      api: "RenameDirectory",
      ...CALL,
      sourceUrl: `${DFS_URL}/2025`,
      destinationUrl: `${DFS_URL}/2026`,
      ...ORDER,
    }),
    AsyncOperationInitiated: event("A blob begins to come back from the archive tier.", "", BLOB, {
      api: "SetBlobTier",
      ...CALL,
      contentType: "image/jpeg",
      contentLength: 524_288,
      blobType: "BlockBlob",
      url: BLOB_URL,
      ...ORDER,
    }),
    BlobInventoryPolicyCompleted: event(
      "A rule's blob inventory was written.",
      "1.0",
      "BlobDataManagement/BlobInventory",
      {
        scheduleDateTime: "<time>",
        accountName: "<name>",
        ruleName: "daily",
        policyRunStatus: "Succeeded",
        policyRunStatusMessage: "Inventory run succeeded, refer manifest file for inventory details.",
        policyRunId: "b5e1d4cc-ee23-4ed5-b039-897376a84f79",
        manifestBlobUrl: "https://<name>.blob.core.windows.net/inventory/daily/daily-manifest.json",
      },
    ),
    LifecyclePolicyCompleted: event(
      "The actions of a lifecycle policy were done.",
      "1",
      "BlobDataManagement/LifeCycleManagement/SummaryReport",
      {
        scheduleTime: "<time>",
        policyRunSummary: { completionStatus: "CompletedWithError" },
        deleteSummary: SUMMARY,
        tierToCoolSummary: { totalObjectsCount: 0, successCount: 0, errorList: "" },
        tierToColdSummary: { totalObjectsCount: 0, successCount: 0, errorList: "" },
        tierToArchiveSummary: { totalObjectsCount: 0, successCount: 0, errorList: "" },
      },
    ),
    StorageTaskQueued: event("A run of a storage task was queued.", "1.0", "DataManagement/StorageTasks", QUEUED),
    StorageTaskCompleted: event("A run of a storage task ended.", "1.0", "DataManagement/StorageTasks", COMPLETED),
    StorageTaskAssignmentQueued: event(
      "A run of a storage task's assignment was queued.",
      "1.0",
      "DataManagement/StorageActions/StorageTaskAssignments",
      QUEUED,
    ),
    StorageTaskAssignmentCompleted: event(
      "A run of a storage task's assignment ended.",
      "1.0",
      "DataManagement/StorageActions/StorageTaskAssignments",
      COMPLETED,
    ),
  },
};
