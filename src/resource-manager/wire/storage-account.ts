import type { JsonObject } from "../../core/json.ts";
import type { ArmType } from "./arm-type.ts";
import { patchEnvelope, readTracked, writeEnvelope } from "../body/envelope.ts";
import { given } from "../body/given.ts";
import type { JsonReader } from "../body/json-reader.ts";

const TYPE = "Microsoft.Storage/storageAccounts";

/** Kept as they are told and shown again, in the case they came in. */
const DESCRIBED = [
  "accessTier",
  "allowBlobPublicAccess",
  "allowSharedKeyAccess",
  "encryption",
  "isHnsEnabled",
  "largeFileSharesState",
  "minimumTlsVersion",
  "networkAcls",
  "publicNetworkAccess",
  "supportsHttpsTrafficOnly",
] as const;

/** `Microsoft.Storage/storageAccounts` [ARM-STORAGE-ACCOUNT] */
export const storageAccounts: ArmType<typeof TYPE> = {
  type: TYPE,
  placement: { kind: "group" },
  answers: { created: 200, replaced: 200, patched: 200, deleted: 200 },
  actions: ["listKeys", "regenerateKey"],
  patchable: ["tags", "sku", "kind", "properties"],
  longRunning: false,
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
  write: (body, context) => ({
    ...writeEnvelope(TYPE, body, context),
    ...given({ kind: body.text("kind") ?? context.before?.kind, sku: skuOf(body) ?? context.before?.sku }),
    properties: given({ ...context.before?.properties, described: describedIn(body) }),
  }),
  patch: (body, { before }) => ({
    ...patchEnvelope(TYPE, body, before),
    ...given({ kind: body.text("kind") ?? before.kind, sku: skuOf(body) ?? before.sku }),
    properties: given({ ...before.properties, described: { ...before.properties.described, ...describedIn(body) } }),
  }),
};

function readSku(name: string): JsonObject {
  return { name, tier: name.split("_", 1)[0] ?? "Standard" };
}

function skuOf(body: JsonReader): { readonly name: string } | undefined {
  const name = body.child("sku")?.text("name");
  return name === undefined ? undefined : { name };
}

function describedIn(body: JsonReader): JsonObject {
  const properties = body.child("properties");
  return given(Object.fromEntries(DESCRIBED.map((name) => [name, properties?.raw(name)]))) as JsonObject;
}
