import { RingmainError } from "../../../core/errors.ts";
import type { JsonObject } from "../../../core/json.ts";
import type { AccessKeys, StorageAccountResource } from "../../../core/resources/resources.ts";
import { object, text } from "../../../resource-manager/body/members.ts";
import { problemsOf } from "../../../core/kinds/index.ts";
import { requireScope, type ArmAddress } from "../target.ts";
import { keyNameOf } from "../actions.ts";
import { readMembers } from "../arm-body.ts";
import { ok, type ArmAnswer, type ArmCall } from "../arm-call.ts";
import { collection, notAllowed, resource } from "../resources.ts";
import { storageKindOf, storageService } from "./storage-services.ts";
import { show } from "../show.ts";

const TYPE = "Microsoft.Storage/storageAccounts";

/** Handles all calls to `Microsoft.Storage`. Source: [ARM-STORAGE-ACCOUNT] */
export async function storageProvider(call: ArmCall): Promise<ArmAnswer> {
  const { path, target } = call;
  const { types } = path;
  if (types.length === 1 && types[0]?.toLowerCase() === "checknameavailability") return checkName(call);
  const { address, below, verb } = target;
  if (address === undefined) throw unknownType(types);
  const kind = storageKindOf(types);
  if (kind === undefined && below.length > 0 && verb === undefined) throw unknownType(types);
  requireScope(address, path);
  if (address.name === undefined) return collection(call, address);
  // The account's own service owns the resources below the account.
  if (kind !== undefined) return storageService(call, kind, accountAt(call, address));
  if (verb === "listKeys") return ok(readKeys(accountAt(call, address).keys));
  if (verb === "regenerateKey") return regenerate(call, accountAt(call, address));
  return account(call, address, address.name);
}

/**
 * Handles a call on an account. A write returns when the account is served, with its addresses. A new account that
 * cannot be served is deleted again.
 */
async function account(call: ArmCall, address: ArmAddress, name: string): Promise<ArmAnswer> {
  const { directory, controlPlane } = call.engine;
  const isNew = directory.get(address.id) === undefined;
  const answer = await resource(call, address, name);
  if (call.method !== "PUT") return answer;
  try {
    await call.storage.ready(name);
  } catch (thrown) {
    if (isNew) await controlPlane.delete(address.id);
    throw thrown;
  }
  return { ...answer, body: show(call, accountAt(call, address), address) };
}

function accountAt({ engine, path }: ArmCall, { id, name = "" }: ArmAddress): StorageAccountResource {
  const found = engine.directory.find(TYPE, id);
  if (found !== undefined) return found;
  throw new RingmainError(
    "not_found",
    `The Resource '${TYPE}/${name}' under resource group '${path.resourceGroup}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`,
  );
}

async function regenerate(call: ArmCall, { id, name }: StorageAccountResource): Promise<ArmAnswer> {
  if (call.method !== "POST") throw notAllowed(call.method);
  const keys = await call.engine.controlPlane.regenerateKey(id, await keyNameOf(call, id));
  await call.storage.ready(name);
  return ok(readKeys(keys));
}

function readKeys(keys: AccessKeys): JsonObject {
  return {
    keys: (["key1", "key2"] as const).map((keyName) => ({ keyName, value: keys[keyName], permissions: "FULL" })),
  };
}

const NAME_CHECK = object({ name: text }, ["type"]);

/** Returns whether a name is valid and free for a new account. */
async function checkName(call: ArmCall): Promise<ArmAnswer> {
  if (call.method !== "POST") throw notAllowed(call.method);
  const { name = "" } = await readMembers(call, NAME_CHECK, call.path.scope);
  const desired = { id: "", name, type: TYPE, location: "", properties: {} } as const;
  const context = { now: call.clock.now(), inputSchema: undefined, subscriptionsOfSource: 0, isNew: true };
  const [problem] = problemsOf(desired, context);
  if (problem !== undefined) {
    return ok({ nameAvailable: false, reason: "AccountNameInvalid", message: problem.message });
  }
  if (call.engine.directory.namedResources(TYPE, name).length > 0) {
    const message = `The storage account named ${name} is already taken.`;
    return ok({ nameAvailable: false, reason: "AlreadyExists", message });
  }
  return ok({ nameAvailable: true });
}

function unknownType(types: readonly string[]): RingmainError {
  return new RingmainError(
    "invalid_resource_type",
    `The resource type '${types.join("/")}' could not be found in the namespace 'Microsoft.Storage'.`,
  );
}
