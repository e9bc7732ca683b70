import { invalid, quote, type ResourceProblem } from "../rules/problem.ts";
import type { DestinationKind, EndpointFlag } from "./destination-kind.ts";
import type { PropertyTable } from "./destination-property.ts";
import { isStorageName } from "./storage-name.ts";

/** Properties of the dead-letter destinations of each kind. */
export interface DeadLetterProperties {
  readonly StorageBlob: { readonly resourceId: string; readonly blobContainerName: string };
  readonly Folder: { readonly path: string };
}

/** The name of a kind of dead-letter destination. */
export type DeadLetterType = keyof DeadLetterProperties;

/** A dead-letter destination of one kind, or of one of several. */
export interface DeadLetterOf<Type extends DeadLetterType> {
  readonly endpointType: Type;
  readonly properties: DeadLetterProperties[Type];
}

/** A dead-letter destination: the place that undeliverable events are written to. */
export type DeadLetterDescription = { readonly [Type in DeadLetterType]: DeadLetterOf<Type> }[DeadLetterType];

/** Everything that holds for the dead-letter destinations of one kind. */
export interface DeadLetterKind<Properties> extends Pick<DestinationKind<Properties>, "called" | "origin"> {
  /** Only the configuration file may name one. */
  readonly declaredOnly: boolean;
  readonly properties: PropertyTable<Properties>;
  /** Returns what is wrong with its properties. @param field the path of the properties */
  readonly rules: (properties: Properties, field: string) => readonly ResourceProblem[];
  /** Its `--deadletter-endpoint` on the command line. */
  readonly endpoint: Pick<EndpointFlag<Properties>, "words" | "read">;
}

const ACCOUNT_ID = /\/providers\/Microsoft\.Storage\/storageAccounts\/[^/]+$/i;
const CONTAINER_ID = /^(.*\/storageAccounts\/[^/]+)\/blobServices\/default\/containers\/([^/]+)$/i;

/** A container of blobs. [EG-DEADLETTER-DESTINATION] */
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

/** A folder of files. [EG-DEADLETTER-FOLDER] */
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

/** Every kind of dead-letter destination: the only table of them. */
export const DEAD_LETTER_KINDS: {
  readonly [Type in DeadLetterType]: DeadLetterKind<DeadLetterProperties[Type]>;
} = { StorageBlob: STORAGE_BLOB, Folder: FOLDER };

/** The names of all kinds; Azure's own first. */
export const DEAD_LETTER_TYPES: readonly DeadLetterType[] = Object.keys(DEAD_LETTER_KINDS) as DeadLetterType[];

/** Returns whether a text is the name of a kind of dead-letter destination. */
export function isDeadLetterType(name: unknown): name is DeadLetterType {
  return DEAD_LETTER_TYPES.some((type) => type === name);
}
