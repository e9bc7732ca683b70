import type { ArmPath } from "../../resource-manager/arm-id.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Logger } from "../../ports/logger.ts";
import type { Random } from "../../ports/random.ts";
import type { ArmTarget } from "./target.ts";
import type { Manager } from "./access/management-access.ts";

/** What management calls work on. */
export interface ArmContext {
  readonly engine: Engine;
  readonly random: Random;
  readonly clock: Clock;
  readonly storage: StorageServices;
  readonly logger: Logger;
}

/** The storage accounts, as they are served. */
export interface StorageServices {
  /** Addresses of an account's services, for example `{blob: "http://…/"}`; `undefined` while it is not served. */
  endpoints(account: string): Readonly<Record<string, string>> | undefined;
  /** Resolves once an account is served; rejects with what keeps it from that. */
  ready(account: string): Promise<void>;
  /** Calls a service of an account; any status is an answer. Errors: `not_found`, `not_supported`, `not_ready`. */
  send(account: string, request: AccountRequest): Promise<StorageAnswer>;
}

/** A call of a storage account's own REST API. */
export interface AccountRequest {
  readonly service: "blob" | "queue";
  readonly method: string;
  /** Of the container or queue; empty for the account. */
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** What that API answers. */
export interface StorageAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A management call that another one makes. */
export interface ArmRequest {
  readonly method: string;
  /** Of the resource, or of an action below it. */
  readonly path: string;
  readonly apiVersion: string;
  readonly body?: JsonObject;
}

/** On whose behalf a call is made, and in answer to which request. */
export interface Caller {
  readonly manager: Manager;
  /** What links the calls that one request led to. */
  readonly correlationId: string;
  /** The client's own name for its request. */
  readonly clientRequestId: string | undefined;
  readonly address: string | undefined;
}

/** One management request that was let in. */
export interface ArmCall extends ArmContext {
  readonly caller: Caller;
  readonly method: string;
  /** That of the target. */
  readonly path: ArmPath;
  readonly target: ArmTarget;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  /** Scheme and authority as the client knows them: every address in an answer begins so. [ARM-ORIGIN] */
  readonly origin: string;
  /** The body; an empty object when there is none. Errors: `payload_too_large`, `invalid_content_type`, `invalid_request_content`. */
  readonly body: () => Promise<JsonObject>;
  /** The body as it was sent, for what is not quite JSON. Errors: `payload_too_large`. */
  readonly bytes: () => Promise<Uint8Array>;
  /** Makes another call on behalf of the same caller; rejects as the call itself would. */
  readonly send: (request: ArmRequest) => Promise<ArmAnswer>;
}

/** What is answered. */
export interface ArmAnswer {
  readonly status: number;
  /** Absent: no body. */
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}

/** 200 with a body. */
export function ok(body: JsonObject): ArmAnswer {
  return { status: 200, body };
}
