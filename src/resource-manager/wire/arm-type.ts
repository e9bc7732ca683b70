import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DesiredOf, Resource, ResourceOf, ResourceType } from "../../core/resources/resources.ts";
import type { BodyRequest } from "../body/body-request.ts";

/** Facts that a read shows beyond the resource itself. */
export interface ReadContext {
  /** Under which id and type the resource is shown: a subscription of a topic has two. */
  readonly id: string;
  readonly type: string;
  /** The address to publish to, for what has one. */
  readonly endpoint: string;
  readonly find: (id: string) => Resource | undefined;
  /** Addresses of a storage account's services, by their names; `null` while it is not served. */
  readonly storageEndpoints: (account: string) => JsonObject | null;
}

/** Facts that a write uses beyond the request's body. */
export interface WriteContext<Type extends ResourceType> {
  /** Id of the resource; of one that is there, in the case that it was made with. */
  readonly id: string;
  readonly name: string;
  /** The resource as it is stored. */
  readonly before: ResourceOf<Type> | undefined;
  readonly newId: () => string;
  readonly find: (id: string) => Resource | undefined;
}

/** Facts that a PATCH uses beyond the request's body. */
export interface PatchContext<Type extends ResourceType> extends WriteContext<Type> {
  readonly before: ResourceOf<Type>;
}

/** The statuses that every client accepts. [ARM-STATUS] */
export interface Answers {
  readonly created: 200 | 201;
  readonly replaced: 200 | 201;
  readonly patched: 200 | 201;
  readonly deleted: 200 | 204;
}

/** How resources of a kind are written into exported templates. */
export interface ExportForm {
  /** The members of `properties` that a caller may choose, each with the value that it has unless it is chosen. */
  readonly properties: Readonly<Record<string, JsonValue>>;
  /** The resources that a name must differ from, to finish "must be unique …". */
  readonly uniqueAmong?: string;
  /** Kinds whose resources in the template must exist first, parents and those whose ids it names aside. */
  readonly after?: readonly ResourceType[];
  /** Returns the members of a read, beside location, tags, identity and properties, that the template sets. */
  readonly envelope?: (resource: JsonObject) => JsonObject;
}

/** A kind of resource, as Resource Manager manages it. */
export interface ArmType<Type extends ResourceType> {
  readonly type: Type;
  readonly answers: Answers;
  /** Calls by POST below the resource, as they are spelled. */
  readonly actions: readonly string[];
  /** A change ends when the resource's state says so, by a status that is asked for; others end at once. [ARM-LRO] */
  readonly longRunning: boolean;
  /** `undefined` for a kind that templates do not hold as a resource of its own. */
  readonly exported: ExportForm | undefined;
  /** The only name there may be. */
  readonly onlyName?: string;
  /** The whole resource, without secrets and with what the service fills in. */
  readonly read: (resource: ResourceOf<Type>, context: ReadContext) => JsonObject;
  /** The body of a PUT. Errors: `invalid_request_content`, `invalid_request`, `location_required`. */
  readonly put: BodyRequest<WriteContext<Type>, DesiredOf<Type>>;
  /** The body of a PATCH: members that it does not name stay. Errors as for `put`. */
  readonly patch?: BodyRequest<PatchContext<Type>, DesiredOf<Type>>;
}
