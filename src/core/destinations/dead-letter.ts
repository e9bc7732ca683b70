import { invalid, quote, type ResourceProblem } from "../rules/problem.ts";
import type { DestinationKind, EndpointFlag } from "./destination-kind.ts";
import type { PropertyTable } from "./destination-property.ts";
import { isStorageName } from "./storage-name.ts";

/** Properties of the dead-letter destinations of each kind. */
export interface DeadLetterProperties {
  readonly StorageBlob: { readonly resourceId: string; readonly blobContainerName: string };
  readonly Folder: { readonly path: string };
}

/** Name of a kind of dead-letter destination. */
export type DeadLetterType = keyof DeadLetterProperties;

/** A dead-letter destination of one kind, or of one of several kinds. */
export interface DeadLetterOf<Type extends DeadLetterType> {
  readonly endpointType: Type;
  readonly properties: DeadLetterProperties[Type];
}

/** A dead-letter destination: the place to which undeliverable events are written. */
export type DeadLetterDescription = { readonly [Type in DeadLetterType]: DeadLetterOf<Type> }[DeadLetterType];

/** Facts about one kind of dead-letter destination. */
export interface DeadLetterKind<Properties> extends Pick<DestinationKind<Properties>, "called" | "origin"> {
  /** Whether only the configuration file may use this kind. */
  readonly declaredOnly: boolean;
  readonly properties: PropertyTable<Properties>;
  /**
   * Returns the problems of its properties.
   *
   * @param field path of the properties
   */
  readonly rules: (properties: Properties, field: string) => readonly ResourceProblem[];
  /** The option `--deadletter-endpoint` of the command line. */
  readonly endpoint: Pick<EndpointFlag<Properties>, "words" | "read">;
}

const ACCOUNT_ID = /\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const CONTAINER_ID = /^(.*\/storageAccounts\/[^/]+)\/blobServices\/default\/containers\/([^/]+)$/i;

/** Dead-letter destination: a blob container. [EG-DEADLETTER-DESTINATION] */
const STORAGE_BLOB: DeadLetterKind<DeadLetterProperties["StorageBlob"]> = {
  called: "a container of blobs",
  origin: "azure",
  declaredOnly: false,
  properties: {
    resourceId: {
      form: "text",
      required: true,
      description: "ARM id of the storage account, which must be one of 'storageAccounts'.",
    },
    blobContainerName: { form: "text", required: true },
  },
  rules: ({ resourceId, blobContainerName }, field) => {
    const problems: ResourceProblem[] = [];
    if (typeof resourceId !== "string" || !ACCOUNT_ID.test(resourceId)) {
      const message = `${quote(resourceId)} is not the resource id of a storage account: '…/providers/Microsoft.Storage/storageAccounts/{account}'.`;
      problems.push(invalid(`${field}.resourceId`, message));
    }
    if (!isStorageName(blobContainerName)) {
      const message = `${quote(blobContainerName)} is no name of a blob container: 3 to 63 lower-case letters, digits and single hyphens.`;
      problems.push(invalid(`${field}.blobContainerName`, message));
    }
    return problems;
  },
  endpoint: {
    words: "'…/storageAccounts/{account}/blobServices/default/containers/{container}'",
    read: (id) => {
      const [, resourceId, blobContainerName] = CONTAINER_ID.exec(id) ?? [];
      return resourceId === undefined || blobContainerName === undefined
        ? undefined
        : { resourceId, blobContainerName };
    },
  },
};

/** Dead-letter destination: a folder of files. [EG-DEADLETTER-FOLDER] */
const FOLDER: DeadLetterKind<DeadLetterProperties["Folder"]> = {
  called: "a folder",
  origin: "ringmain",
  declaredOnly: true,
  properties: { path: { form: "text", required: true, description: "Path, relative to this file unless absolute." } },
  rules: ({ path }, field) =>
    typeof path === "string" && path !== "" && !path.includes("\0")
      ? []
      : [invalid(`${field}.path`, "A dead-letter folder needs a path.")],
  endpoint: {
    words: "a folder",
    read: (path) => (path.startsWith("/subscriptions/") ? undefined : { path }),
  },
};

/** Table of all kinds of dead-letter destinations. There is no other list of them. */
export const DEAD_LETTER_KINDS: {
  readonly [Type in DeadLetterType]: DeadLetterKind<DeadLetterProperties[Type]>;
} = { StorageBlob: STORAGE_BLOB, Folder: FOLDER };

/** Names of all kinds, Azure's own first. */
export const DEAD_LETTER_TYPES: readonly DeadLetterType[] = Object.keys(DEAD_LETTER_KINDS) as DeadLetterType[];

/** Returns whether a text is the name of a kind of dead-letter destination. */
export function isDeadLetterType(name: unknown): name is DeadLetterType {
  return DEAD_LETTER_TYPES.some((type) => type === name);
}
