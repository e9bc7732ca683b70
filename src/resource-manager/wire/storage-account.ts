import { isJsonObject, type JsonObject } from "../../core/json.ts";
import type { StorageAccountResource } from "../../core/resources/resources.ts";
import { bodyRequest } from "../body/body-request.ts";
import { patchEnvelope, READ_ENVELOPE, readTracked, TRACKED, putEnvelope } from "../body/envelope.ts";
import { definedMembers } from "../body/defined-members.ts";
import { changes, json, object, part, text } from "../body/members.ts";
import { merged } from "../body/merged.ts";
import type { ArmType } from "./arm-type.ts";

const TYPE = "Microsoft.Storage/storageAccounts";

/** Properties that are stored as they were sent and shown again, without any effect. */
const DESCRIBED = {
  accessTier: json,
  allowBlobPublicAccess: json,
  allowCrossTenantReplication: json,
  allowSharedKeyAccess: json,
  allowedCopyScope: json,
  azureFilesIdentityBasedAuthentication: json,
  customDomain: json,
  defaultToOAuthAuthentication: json,
  dnsEndpointType: json,
  enableExtendedGroups: json,
  encryption: json,
  immutableStorageWithVersioning: json,
  isHnsEnabled: json,
  isLocalUserEnabled: json,
  isNfsV3Enabled: json,
  isSftpEnabled: json,
  keyPolicy: json,
  largeFileSharesState: json,
  minimumTlsVersion: json,
  networkAcls: json,
  publicNetworkAccess: json,
  routingPreference: json,
  sasPolicy: json,
  supportsHttpsTrafficOnly: json,
};
const SKU = object({ name: text }, ["tier"]);
const ENVELOPE = { ...TRACKED, kind: text, sku: SKU };
const PROPERTIES_READ = [
  "provisioningState",
  "primaryEndpoints",
  "primaryLocation",
  "statusOfPrimary",
  "secondaryEndpoints",
  "secondaryLocation",
  "statusOfSecondary",
  "creationTime",
  "keyCreationTime",
  "privateEndpointConnections",
];
/** Members of an account that are stored besides its tags and properties. */
type Kept = Pick<StorageAccountResource, "kind" | "sku">;

/** The kind `Microsoft.Storage/storageAccounts`. [ARM-STORAGE-ACCOUNT] */
export const storageAccounts: ArmType<typeof TYPE> = {
  type: TYPE,
  answers: { created: 200, replaced: 200, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  longRunning: false,
  exported: {
    properties: {
      accessTier: "Hot",
      allowBlobPublicAccess: null,
      allowSharedKeyAccess: null,
      encryption: null,
      isHnsEnabled: null,
      largeFileSharesState: null,
      minimumTlsVersion: null,
      networkAcls: null,
      publicNetworkAccess: null,
      // `false` is not exported: Ringmain serves accounts over plain HTTP, which users do not want on Azure.
      supportsHttpsTrafficOnly: false,
    },
    uniqueAmong: "among all storage accounts on Azure",
    envelope: ({ kind = "StorageV2", sku }) => ({
      kind,
      sku: { name: isJsonObject(sku) ? (sku["name"] ?? "Standard_LRS") : "Standard_LRS" },
    }),
  },
  read: (account, context) => ({
    ...readTracked(account, context),
    kind: account.kind ?? "StorageV2",
    sku: readSku(account.sku?.name ?? "Standard_LRS"),
    properties: {
      accessTier: "Hot",
      supportsHttpsTrafficOnly: false,
      ...account.properties.described,
      primaryEndpoints: context.storageEndpoints(account.name),
      primaryLocation: account.location,
      statusOfPrimary: "available",
      provisioningState: "Succeeded",
    },
  }),
  put: bodyRequest(
    object({ ...ENVELOPE, properties: object(DESCRIBED, PROPERTIES_READ) }, READ_ENVELOPE),
    ({ kind, sku, properties: described = {}, ...body }, context) => ({
      ...putEnvelope(TYPE, body, context),
      ...kept(context.before),
      ...definedMembers({ kind, sku: writeSku(sku) }),
      properties: { ...context.before?.properties, described },
    }),
  ),
  patch: bodyRequest(
    changes({ tags: TRACKED.tags, kind: text, sku: SKU, properties: part(DESCRIBED, PROPERTIES_READ) }, [
      ...READ_ENVELOPE,
      "location",
    ]),
    ({ tags, kind, sku, properties }, context) => ({
      ...patchEnvelope(TYPE, tags, context),
      ...merged<Kept>(kept(context.before), definedMembers({ kind, sku: sku === null ? null : writeSku(sku) })),
      properties: {
        ...context.before.properties,
        described: merged<JsonObject>(context.before.properties.described ?? {}, properties),
      },
    }),
  ),
};

function kept(before: StorageAccountResource | undefined): Kept {
  return definedMembers({ kind: before?.kind, sku: before?.sku });
}

function readSku(name: string): JsonObject {
  return { name, tier: name.split("_", 1)[0] ?? "Standard" };
}

function writeSku(sku: { readonly name?: string } | undefined): Kept["sku"] {
  return sku?.name === undefined ? undefined : { name: sku.name };
}
