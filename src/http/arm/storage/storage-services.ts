import {
  checkStorageName,
  readStorageItem,
  readStorageNames,
  readStorageService,
  STORAGE_KINDS,
  storageItemRequest,
  type StorageItemWrite,
  type StorageKind,
} from "../../../resource-manager/wire/storage-service.ts";
import { RingmainError } from "../../../core/errors.ts";
import { readMembers } from "../arm-body.ts";
import { ok, type ArmAnswer, type ArmCall, type StorageAnswer } from "../arm-call.ts";
import { listPage, wholeList, type Listed } from "../lists/list-page.ts";
import { notAllowed } from "../resources.ts";

/** Page sizes of containers and queues: each one on a page is read with a request of its own. */
const PAGES = { page: 100, maxPage: 100, filterable: ["name"] };
/** The most pages that are read of a service's own list; a page has up to 5,000 names. */
const MAX_PAGES = 100;

/** Returns the kind of storage service that the types below an account name; `undefined` if they name none. */
export function storageKindOf(types: readonly string[]): StorageKind | undefined {
  const [, services, items] = types;
  return STORAGE_KINDS.find(
    (kind) =>
      kind.services.toLowerCase() === services?.toLowerCase() &&
      (items === undefined || kind.items === items.toLowerCase()) &&
      types.length <= 3,
  );
}

/**
 * Handles calls on an account's services and on the containers and queues in them. The storage service owns these: they
 * are created, read and deleted through its REST API. Source: [ARM-STORAGE-CONTAINER]
 */
export async function storageService(
  call: ArmCall,
  kind: StorageKind,
  account: { readonly id: string; readonly name: string },
): Promise<ArmAnswer> {
  const { types, names } = call.path;
  const [, service, name] = names;
  if (service === undefined) {
    if (call.method !== "GET") throw notAllowed(call.method);
    return wholeList([readStorageService(kind, account.id)]);
  }
  if (service.toLowerCase() !== "default") {
    throw new RingmainError("invalid_resource_name", `The only name of ${kind.services} is 'default'.`);
  }
  if (types.length === 2) {
    if (call.method !== "GET" && call.method !== "PUT") throw notAllowed(call.method);
    return ok(readStorageService(kind, account.id));
  }
  await call.storage.ready(account.name);
  const items = new StorageItems(call, kind, account);
  return name === undefined ? items.list() : items.one(name);
}

class StorageItems {
  readonly #call: ArmCall;
  readonly #kind: StorageKind;
  readonly #account: { readonly id: string; readonly name: string };

  constructor(call: ArmCall, kind: StorageKind, account: { readonly id: string; readonly name: string }) {
    this.#call = call;
    this.#kind = kind;
    this.#account = account;
  }

  async list(): Promise<ArmAnswer> {
    if (this.#call.method !== "GET") throw notAllowed(this.#call.method);
    const found: string[] = [];
    let marker = "";
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const query = { comp: "list", ...(marker === "" ? {} : { marker }) };
      const { names, next } = readStorageNames((await this.#send("GET", "", query)).text, this.#kind);
      found.push(...names);
      if (next === "") break;
      marker = next;
    }
    const listed = (name: string): Listed => ({ id: this.#id(name), fields: { name }, read: () => ({ name }) });
    const { body } = await listPage(this.#call, found, listed, PAGES);
    const page = (body?.["value"] ?? []) as readonly { readonly name: string }[];
    return ok({ ...body, value: await Promise.all(page.map(async ({ name }) => this.#read(name))) });
  }

  async one(name: string): Promise<ArmAnswer> {
    const { method } = this.#call;
    checkStorageName(this.#kind, name);
    const wanted = (await readMembers(this.#call, storageItemRequest(this.#kind), this.#id(name)))({ method });
    switch (method) {
      case "GET":
        return ok(await this.#read(name));
      case "PUT": {
        const { query, answers } = this.#kind;
        const { status } = await this.#send("PUT", name, query, { ...wanted.metadata, ...wanted.access });
        if (status === 201) return { status: answers.created, body: await this.#read(name) };
        return this.#change(name, wanted);
      }
      case "PATCH":
        await this.#read(name);
        return this.#change(name, wanted);
      case "DELETE": {
        const { status } = await this.#send("DELETE", name, this.#kind.query);
        return { status: status === 404 ? 204 : this.#kind.answers.deleted };
      }
      default:
        throw notAllowed(method);
    }
  }

  async #change(name: string, { metadata, access }: StorageItemWrite): Promise<ArmAnswer> {
    const { query } = this.#kind;
    if (metadata !== undefined) await this.#send("PUT", name, { ...query, comp: "metadata" }, metadata);
    if (access !== undefined) await this.#send("PUT", name, { ...query, comp: "acl" }, access);
    return ok(await this.#read(name));
  }

  async #read(name: string): Promise<ReturnType<typeof readStorageItem>> {
    const { status, headers } = await this.#send("GET", name, this.#kind.readQuery);
    if (status === 200) return readStorageItem(this.#kind, { id: this.#id(name), name, headers });
    const kindName = this.#kind.items.slice(0, -1);
    throw new RingmainError("not_found", `The specified ${kindName} '${name}' does not exist.`);
  }

  /**
   * Sends a request to the service. Returns 404, and 409 for an item that exists already; rejects on other failures.
   */
  async #send(
    method: string,
    name: string,
    query: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<StorageAnswer> {
    const { service } = this.#kind;
    const answer = await this.#call.storage.send(this.#account.name, { service, method, name, query, headers });
    const { status } = answer;
    if (status < 300 || status === 404 || (status === 409 && method === "PUT")) return answer;
    const code = answer.headers.get("x-ms-error-code") ?? String(status);
    const isTheirs = status >= 500;
    const message = `The storage service answered ${code} for '${name}'.`;
    throw new RingmainError(isTheirs ? "not_ready" : status === 409 ? "conflict" : "invalid_request", message);
  }

  #id(name: string): string {
    const { services, items } = this.#kind;
    return `${this.#account.id}/${services}/default/${items}/${name}`;
  }
}
