import type { JsonObject } from "../../json.ts";
import { event, type TopicTypeDetails } from "../topic-type-details.ts";

const KEY_SUBJECT = "https://<name>.azconfig.io/kv/colour?label=production";
const SNAPSHOT_SUBJECT = "https://<name>.azconfig.io/snapshots/release-1";
const MARKS: JsonObject = { etag: "a1b2c3d4e5f6g7h8i9j0", syncToken: "zAJw6V16=Njo1IzUxNjQ2NzM=;sn=5164673" };
const KEY: JsonObject = { key: "colour", label: "production", ...MARKS };
const SNAPSHOT: JsonObject = { name: "release-1", ...MARKS };

/** `Microsoft.AppConfiguration.ConfigurationStores` */
export const appConfiguration: TopicTypeDetails = {
  displayName: "Microsoft Azure App Configuration",
  description: "Keys and snapshots of a configuration store.",
  eventTypes: {
    KeyValueModified: event("A key-value was created or changed.", "2", KEY_SUBJECT, KEY),
    KeyValueDeleted: event("A key-value was deleted.", "2", KEY_SUBJECT, KEY),
    SnapshotCreated: event("A snapshot was created.", "1", SNAPSHOT_SUBJECT, SNAPSHOT),
    SnapshotModified: event("A snapshot was changed.", "1", SNAPSHOT_SUBJECT, SNAPSHOT),
  },
};
