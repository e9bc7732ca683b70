import type { ArmPath } from "../../resource-manager/arm-id.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { ArmTarget } from "./target.ts";
import type { Manager } from "./access/management-access.ts";

/** The collaborators of management calls. */
export interface ArmContext {
  readonly engine: Engine;
  readonly random: Random;
  readonly clock: Clock;
  readonly storage: StorageServices;
  readonly logger: Logger;
}

/** The storage services that Ringmain runs for storage accounts. */
export interface StorageServices {
  /**
   * Returns the addresses of an account's services, for example `{blob: "http://…/"}`; `undefined` while it is not
   * served.
   */
  endpoints(account: string): Readonly<Record<string, string>> | undefined;
  /** Resolves once an account is served; rejects with the reason why it cannot be. */
  ready(account: string): Promise<void>;
  /** Calls a service of an account and resolves for every status. Errors: `not_found`, `not_supported`, `not_ready`. */
  send(account: string, request: AccountRequest): Promise<StorageAnswer>;
}

/** A call of a storage account's own REST API. */
export interface AccountRequest {
  readonly service: "blob" | "queue";
  readonly method: string;
  /** The name of the container or queue; empty for the account. */
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Response of a storage account's own REST API. */
export interface StorageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A management call that another management call makes. */
export interface ArmRequest {
  readonly method: string;
  /** Path of the resource, or of an action below it. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: JsonObject;
}

/** The client that a call is made for, and the request that led to it. */
export interface Caller {
  readonly manager: Manager;
  /** Id shared by all calls that one request led to. */
  readonly correlationId: string;
  /** The client's own id for its request. */
  readonly clientRequestId: string | undefined;
  readonly address: string | undefined;
}

/** One authenticated management request. */
export interface ArmCall extends ArmContext {
  readonly caller: Caller;
  readonly method: string;
  /** The path of the target. */
  readonly path: ArmPath;
  readonly target: ArmTarget;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Scheme and authority that the client used: every address in a response begins with them. [ARM-ORIGIN] */
  readonly origin: string;
  /**
   * Reads the body; an empty object when there is none. Errors: `payload_too_large`, `invalid_content_type`,
   * `invalid_request_content`.
   */
  readonly body: () => Promise<JsonObject>;
  /** Reads the body as it was sent, for content that is not strict JSON. Errors: `payload_too_large`. */
  readonly bytes: () => Promise<Uint8Array>;
  /** Makes another call for the same caller; rejects with that call's error. */
  readonly send: (request: ArmRequest) => Promise<ArmAnswer>;
}

/** Response to a management call. */
export interface ArmAnswer {
  readonly status: number;
  /** Absent when the response has no body. */
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Returns a response with status 200 and a body. */
export function ok(body: JsonObject): ArmAnswer {
  return { status: 200, body };
}
