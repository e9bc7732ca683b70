import { setTimeout as pause } from "node:timers/promises";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../core/json.ts";
import { ExitError } from "./exit-error.ts";
import { send, type RunningServer } from "./running-server.ts";

const EVENT_GRID_VERSION = "2025-02-15";
const OTHER_VERSION = "2021-04-01";
/** Token for development servers, which accept any. */
const ANY_TOKEN = "ringmain-cli";
/** Pauses between two requests for the status of an operation: the first, doubled up to the last. */
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 2_000;

/** Error response of a running Ringmain. */
export class Refusal extends ExitError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(1, [`${code}: ${message}`]);
    this.status = status;
    this.code = code;
  }
}

/** Client of Resource Manager's routes in a running Ringmain. Paths are ARM ids. Methods reject with {@link Refusal}. */
export class ManagementClient {
  readonly #server: RunningServer;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  /** Returns the resource with an ARM id. */
  async get(path: string): Promise<JsonObject> {
    return (await this.#call("GET", this.#url(path))).body;
  }

  /** Returns the resource with an ARM id; `undefined` if there is none. */
  async find(path: string): Promise<JsonObject | undefined> {
    try {
      return await this.get(path);
    } catch (thrown) {
      if (thrown instanceof Refusal && thrown.status === 404) return undefined;
      throw thrown;
    }
  }

  /** Returns the items of a list, from all its pages. */
  async list(path: string): Promise<JsonObject[]> {
    const items: JsonObject[] = [];
    let url: string | undefined = this.#url(path);
    while (url !== undefined) {
      const { body }: { readonly body: JsonObject } = await this.#call("GET", url);
      const { value, nextLink } = body;
      if (Array.isArray(value)) items.push(...(value as JsonArray).filter(isJsonObject));
      url = typeof nextLink === "string" ? nextLink : undefined;
    }
    return items;
  }

  /** Creates or replaces a resource, and waits for the operation to end. Returns the resource. */
  async put(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#change("PUT", path, body);
  }

  /** Changes a resource, and waits for the operation to end. Returns the resource. */
  async patch(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#change("PATCH", path, body);
  }

  /** Creates, replaces or changes a resource without waiting for the operation to end. */
  async write(method: "PUT" | "PATCH", path: string, body: JsonObject): Promise<WriteResult> {
    return this.#call(method, this.#url(path), body);
  }

  /** Returns the status of an operation, and its error once it has failed. */
  async operationStatus(operation: string): Promise<JsonObject> {
    return (await this.#call("GET", operation)).body;
  }

  /**
   * Returns Ringmain's own view of one event subscription or of all, including handshakes; `undefined` if the caller may
   * not read it.
   */
  async subscriptionDetails(id?: string): Promise<JsonObject[] | undefined> {
    const query = id === undefined ? "" : `?id=${encodeURIComponent(id)}`;
    try {
      const { value } = (await this.#call("GET", `${this.#server.url}/ringmain/subscriptions${query}`)).body;
      return Array.isArray(value) ? (value as JsonArray).filter(isJsonObject) : [];
    } catch (thrown) {
      if (thrown instanceof Refusal && (thrown.status === 401 || thrown.status === 403)) return undefined;
      throw thrown;
    }
  }

  /** Calls an action of a resource, for example `…/listKeys`. */
  async post(path: string, body?: JsonObject): Promise<JsonObject> {
    return (await this.#call("POST", this.#url(path), body)).body;
  }

  /** Deletes a resource. Returns whether it existed. */
  async delete(path: string): Promise<boolean> {
    return (await this.find(path)) !== undefined && (await this.#call("DELETE", this.#url(path))).status < 300;
  }

  async #change(method: string, path: string, body: JsonObject): Promise<JsonObject> {
    const response = await this.#call(method, this.#url(path), body);
    if (response.operation === undefined) return response.body;
    await this.#waitFor(response.operation);
    return this.get(path);
  }

  async #waitFor(operation: string): Promise<void> {
    for (let wait = FIRST_POLL_MS; ; wait = Math.min(2 * wait, LONGEST_POLL_MS)) {
      const { status, error } = await this.operationStatus(operation);
      if (status === "Succeeded") return;
      if (status !== "InProgress" && status !== "Running" && status !== "Accepted") throw failure(error);
      await pause(wait);
    }
  }

  #url(path: string): string {
    const escaped = path.split("/").map(encodeURIComponent).join("/");
    const version = /\/providers\/Microsoft\.EventGrid\//i.test(path) ? EVENT_GRID_VERSION : OTHER_VERSION;
    return `${this.#server.url}${escaped}?api-version=${version}`;
  }

  async #call(method: string, url: string, body?: JsonObject): Promise<ManagementResponse> {
    const response = await send(url, {
      method,
      headers: {
        authorization: `Bearer ${this.#server.adminKey ?? ANY_TOKEN}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = parse(await response.text());
    if (!response.ok) throw refusal(response.status, content["error"], `${method} ${url}`);
    return {
      status: response.status,
      body: content,
      operation: response.headers.get("azure-asyncoperation") ?? undefined,
    };
  }
}

/** A written resource. */
export interface WriteResult {
  readonly body: JsonObject;
  /** URL of the operation's status; `undefined` if the write is complete. */
  readonly operation: string | undefined;
}

interface ManagementResponse extends WriteResult {
  readonly status: number;
}

function parse(text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function refusal(status: number, error: JsonValue | undefined, request: string): Refusal {
  const { code, message } = isJsonObject(error) ? error : {};
  return new Refusal(status, textOr(code, String(status)), textOr(message, `${request} failed.`));
}

/** Returns the error of a failed operation. The reasons of a deployment are in its `details`. */
function failure(error: JsonValue | undefined): Refusal {
  const { details } = isJsonObject(error) ? error : {};
  const [first] = Array.isArray(details) ? (details as JsonArray) : [];
  return refusal(400, isJsonObject(first) ? first : error, "The operation");
}

function textOr(value: JsonValue | undefined, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
