import { setTimeout as pause } from "node:timers/promises";
import { isJsonObject, type JsonArray, type JsonObject, type JsonValue } from "../core/json.ts";
import { ExitError } from "./exit-error.ts";
import { send, type RunningServer } from "./running-server.ts";

const EVENT_GRID_VERSION = "2025-02-15";
const OTHER_VERSION = "2021-04-01";
/** A development server takes any token. */
const ANY_TOKEN = "ringmain-cli";
/** Pauses between two requests for the status of an operation: the first, doubled up to the last. */
const FIRST_POLL_MS = 100;
const LONGEST_POLL_MS = 2_000;

/** What Ringmain answers when it refuses something. */
export class Refusal extends ExitError {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(1, [`${code}: ${message}`]);
    this.status = status;
    this.code = code;
  }
}

/** Calls Resource Manager's routes of a running Ringmain. Paths are ARM ids. */
export class ManagementClient {
  readonly #server: RunningServer;

  constructor(server: RunningServer) {
    this.#server = server;
  }

  /** Throws {@link Refusal}. */
  async get(path: string): Promise<JsonObject> {
    return (await this.#call("GET", this.#url(path))).body;
  }

  /** As `get`; `undefined` when there is no such thing. */
  async find(path: string): Promise<JsonObject | undefined> {
    try {
      return await this.get(path);
    } catch (thrown) {
      if (thrown instanceof Refusal && thrown.status === 404) return undefined;
      throw thrown;
    }
  }

  /** All pages of a list. */
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

  /** Creates or replaces, and waits until that has ended. Answers what is there then. */
  async put(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#change("PUT", path, body);
  }

  async patch(path: string, body: JsonObject): Promise<JsonObject> {
    return this.#change("PATCH", path, body);
  }

  /** As `put` and `patch`, without waiting for the end of what goes on after the answer. */
  async write(method: "PUT" | "PATCH", path: string, body: JsonObject): Promise<WriteResult> {
    return this.#call(method, this.#url(path), body);
  }

  /** Returns the status of an operation, and its error once it has failed. */
  async operationStatus(operation: string): Promise<JsonObject> {
    return (await this.#call("GET", operation)).body;
  }

  /**
   * Returns what Ringmain itself says of event subscriptions, handshakes included: of one, or of all. `undefined` where
   * the caller may not read that.
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

  /** A call below a resource, for example `…/listKeys`. */
  async post(path: string, body?: JsonObject): Promise<JsonObject> {
    return (await this.#call("POST", this.#url(path), body)).body;
  }

  /** Whether it was there. */
  async delete(path: string): Promise<boolean> {
    return (await this.find(path)) !== undefined && (await this.#call("DELETE", this.#url(path))).status < 300;
  }

  async #change(method: string, path: string, body: JsonObject): Promise<JsonObject> {
    const answer = await this.#call(method, this.#url(path), body);
    if (answer.operation === undefined) return answer.body;
    await this.#waitFor(answer.operation);
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

  async #call(method: string, url: string, body?: JsonObject): Promise<Answer> {
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

/** A resource as a write left it. */
export interface WriteResult {
  readonly body: JsonObject;
  /** Where to ask for the end of what goes on. */
  readonly operation: string | undefined;
}

interface Answer extends WriteResult {
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

function refusal(status: number, error: JsonValue | undefined, what: string): Refusal {
  const { code, message } = isJsonObject(error) ? error : {};
  return new Refusal(status, textOr(code, String(status)), textOr(message, `${what} failed.`));
}

/** What an operation ended with; a deployment's reasons are a level deeper. */
function failure(error: JsonValue | undefined): Refusal {
  const { details } = isJsonObject(error) ? error : {};
  const [first] = Array.isArray(details) ? (details as JsonArray) : [];
  return refusal(400, isJsonObject(first) ? first : error, "The operation");
}

function textOr(value: JsonValue | undefined, otherwise: string): string {
  return typeof value === "string" ? value : otherwise;
}
