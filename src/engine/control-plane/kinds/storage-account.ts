import { RingmainError } from "../../../core/errors.ts";
import { storageAccountKind } from "../../../core/kinds/storage-account.ts";
import { completeKeys } from "../access-keys.ts";
import { UNRELATED, type BehaviourOf } from "./kind.ts";

/** Behaviour of storage accounts. */
export const managedStorageAccount: BehaviourOf<"Microsoft.Storage/storageAccounts"> = {
  ...UNRELATED,
  complete: (desired, before, { dependencies, uid }) => {
    const keys = completeKeys(dependencies.random, storageAccountKind.keyBytes, desired.keys, before?.keys);
    return { ...desired, uid, keys };
  },
  claims: ({ name }) => [`account ${name}`],
  // The name of an account is part of its address, so it must be unique. [EG-STORAGE-ACCOUNT-NAME]
  checkRelations: ({ name, type }, { directory, isNew }) => {
    if (!isNew || directory.namedResources(type, name).length === 0) return;
    throw new RingmainError("account_name_taken", `The storage account named ${name} is already taken.`);
  },
};
