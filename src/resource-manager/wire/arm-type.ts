import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { DesiredOf, Resource, ResourceOf, ResourceType } from "../../core/resources/resources.ts";
import type { BodyRequest } from "../body/body-request.ts";

/** Data that a read needs besides the resource. */
export interface ReadContext {
  /** The id that the resource is shown with: an event subscription of a topic has two ids and types. */
  readonly id: string;
  readonly type: string;
  /** The publish endpoint, for a kind that has one. */
  readonly endpoint: string;
  readonly find: (id: string) => Resource | undefined;
  /** Returns the addresses of a storage account's services, by name; `null` while it is not served. */
  readonly storageEndpoints: (account: string) => JsonObject | null;
}

/** Data that a write needs besides the body. */
export interface WriteContext<Type extends ResourceType> {
  /** Id of the resource; for an existing one, in the case that it was created with. */
  readonly id: string;
  readonly name: string;
  /** The stored resource. */
  readonly before: ResourceOf<Type> | undefined;
  readonly newId: () => string;
  readonly find: (id: string) => Resource | undefined;
}

/** Data that a PATCH needs besides the body. */
export interface PatchContext<Type extends ResourceType> extends WriteContext<Type> {
  readonly before: ResourceOf<Type>;
}

/** Status codes of responses, which all clients accept. [ARM-STATUS] */
export interface Answers {
  readonly created: 200 | 201;
  readonly replaced: 200 | 201;
  readonly patched: 200 | 201;
  readonly deleted: 200 | 204;
}

/** Form of a kind's resources in exported templates. */
export interface ExportForm {
  /** The members of `properties` that a caller may set, each with its default value. */
  readonly properties: Readonly<Record<string, JsonValue>>;
  /** The resources that a name must differ from, as the end of the sentence "must be unique …". */
  readonly uniqueAmong?: string;
  /** Kinds whose resources in the template must exist first, besides parents and resources referred to by id. */
  readonly after?: readonly ResourceType[];
  /** Returns the members of a read that the template sets, besides location, tags, identity and properties. */
  readonly envelope?: (resource: JsonObject) => JsonObject;
}

/** Description of a kind of resource for Resource Manager. */
export interface ArmType<Type extends ResourceType> {
  readonly type: Type;
  readonly answers: Answers;
  /** Names of POST actions on the resource. */
  readonly actions: readonly string[];
  /** Whether clients must poll the end of a write; writes of other kinds end at once. [ARM-LRO] */
  readonly longRunning: boolean;
  /** Form in exported templates; `undefined` for a kind that is not exported as a resource of its own. */
  readonly exported: ExportForm | undefined;
  /** The only valid name, for a kind with a single resource. */
  readonly onlyName?: string;
  /** Returns the resource as clients see it, with the service's defaults and without secrets. */
  readonly read: (resource: ResourceOf<Type>, context: ReadContext) => JsonObject;
  /** Body of a PUT. Errors: `invalid_request_content`, `invalid_request`, `location_required`. */
  readonly put: BodyRequest<WriteContext<Type>, DesiredOf<Type>>;
  /** Body of a PATCH: members that are missing in it keep their values. Errors as for `put`. */
  readonly patch?: BodyRequest<PatchContext<Type>, DesiredOf<Type>>;
}
