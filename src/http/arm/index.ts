import type { Hono } from "hono";
import { parseArmPath, type ArmPath } from "../../resource-manager/arm-id.ts";
import { armError } from "../../resource-manager/arm-error.ts";
import { EVENT_GRID_VERSIONS, isApiVersion } from "../../resource-manager/api-versions.ts";
import type { TemplateEvaluator } from "../../resource-manager/template/template-evaluator.ts";
import { providerNamed } from "../../resource-manager/providers.ts";
import { isServerFailure, RingmainError, toError } from "../../core/errors.ts";
import { peerAddressOf } from "../access/local-caller.ts";
import type { BodyBudget } from "../read-body.ts";
import { readArmBody, readArmBytes } from "./arm-body.ts";
import type { ArmAnswer, ArmCall, ArmContext, ArmRequest, Caller } from "./arm-call.ts";
import { Deployments } from "./deployments/deployments.ts";
import { eventGrid } from "./event-grid.ts";
import { authorization } from "./access/authorization.ts";
import { requireGrant, type AuthorizeManagement } from "./access/management-access.ts";
import { resourceGroup, listResourceGroups, resources } from "./resource-groups.ts";
import { withEvent } from "./management-events.ts";
import { resolveTarget } from "./target.ts";
import { notAllowed } from "./resources.ts";
import { storageProvider as storageAccounts } from "./storage/storage.ts";
import {
  locations,
  providers,
  azureSubscription,
  azureSubscriptions,
  tenants,
  unknownNamespace,
} from "./lists/subscriptions.ts";

/** Collaborators of the Resource Manager routes. */
export interface ArmDependencies extends ArmContext {
  readonly bodies: BodyBudget;
  readonly templates: TemplateEvaluator;
  readonly authorizeManagement: AuthorizeManagement;
}

/** Matches the start of a resource id; slashes may be doubled or escaped. */
const ARM_PATH = /^(?:\/|%2F)+(?:subscriptions|providers|tenants)(?:\/|%2F|$)/i;
const CORRELATION = "x-ms-correlation-request-id";
const GUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** Serves Azure Resource Manager: all paths under `/subscriptions`, `/providers` and `/tenants`. */
export function useArm(app: Hono, dependencies: ArmDependencies): void {
  const deployments = new Deployments(dependencies.templates);
  app.use("*", async (context, next) => {
    const { pathname } = new URL(context.req.url);
    if (!ARM_PATH.test(pathname)) return next();
    return answerArm(context.req.raw, peerAddressOf(context), dependencies, deployments);
  });
}

async function answerArm(
  request: Request,
  address: string | undefined,
  dependencies: ArmDependencies,
  deployments: Deployments,
): Promise<Response> {
  const headers = commonHeaders(request, dependencies);
  try {
    const correlationId = headers.get(CORRELATION) ?? "";
    const answer = await dispatch(request, { correlationId, address }, dependencies, deployments);
    for (const [name, value] of Object.entries(answer.headers ?? {})) headers.set(name, value);
    return respond(answer, request.method, headers);
  } catch (thrown) {
    const error =
      thrown instanceof RingmainError
        ? thrown
        : new RingmainError("internal", toError(thrown).message, { cause: toError(thrown).stack });
    const { status, body } = armError(error);
    if (isServerFailure(error.code)) {
      dependencies.logger.error("request_failed", { code: error.code, error: error.message, cause: error.cause });
    }
    if (status === 401) headers.set("www-authenticate", challenge(request, error));
    if (status === 429 || status === 503) headers.set("retry-after", "1");
    return respond({ status, body }, request.method, headers);
  }
}

function respond({ status, body }: ArmAnswer, method: string, headers: Headers): Response {
  if (body === undefined || method === "HEAD") return new Response(null, { status, headers });
  headers.set("content-type", "application/json; charset=utf-8");
  return new Response(JSON.stringify(body), { status, headers });
}

/** Returns the headers that every response has. [ARM-HEADERS] */
function commonHeaders({ headers: sent }: Request, { random }: ArmDependencies): Headers {
  const headers = new Headers({
    "cache-control": "no-cache",
    pragma: "no-cache",
    expires: "-1",
    "x-content-type-options": "nosniff",
    "x-ms-request-id": random.uuid(),
  });
  const correlation = sent.get(CORRELATION) ?? "";
  headers.set(CORRELATION, GUID.test(correlation) ? correlation : random.uuid());
  const client = clientRequestId(sent);
  const returned = sent.get("x-ms-return-client-request-id")?.toLowerCase() === "true";
  if (returned && client !== undefined) headers.set("x-ms-client-request-id", client);
  return headers;
}

function clientRequestId(sent: Headers): string | undefined {
  const id = sent.get("x-ms-client-request-id") ?? "";
  return GUID.test(id) ? id : undefined;
}

/** Returns the `WWW-Authenticate` header of a 401. [ARM-AUTH] */
function challenge(request: Request, { message }: RingmainError): string {
  const { origin } = new URL(request.url);
  return `Bearer authorization_uri="${origin}/adfs", error="invalid_token", error_description="${message.replaceAll('"', "'")}"`;
}

async function dispatch(
  request: Request,
  from: Pick<Caller, "correlationId" | "address">,
  dependencies: ArmDependencies,
  deployments: Deployments,
): Promise<ArmAnswer> {
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const manager = await dependencies.authorizeManagement({ header, address: from.address });
  const caller = { ...from, manager, clientRequestId: clientRequestId(request.headers) };
  const url = new URL(request.url);
  const { origin, pathname, searchParams: query } = url;
  const { engine, random, clock, storage, logger } = dependencies;
  const send = async ({ method, path, apiVersion, body = {} }: ArmRequest): Promise<ArmAnswer> => {
    const [pathPart = "", queryPart = ""] = path.split("?", 2);
    const ownQuery = new URLSearchParams(queryPart);
    ownQuery.set("api-version", apiVersion);
    return checkAndRoute(
      {
        ...common,
        method,
        path: withProvider(parseArmPath(pathPart)),
        query: ownQuery,
        header: () => undefined,
        body: () => Promise.resolve(body),
        bytes: () => Promise.resolve(Buffer.from(JSON.stringify(body))),
      },
      deployments,
    );
  };
  const common = { engine, random, clock, storage, logger, origin, send, caller };
  let body: ReturnType<typeof readArmBody> | undefined;
  return checkAndRoute(
    {
      ...common,
      method: request.method,
      path: withProvider(parseArmPath(pathname)),
      query,
      header,
      body: () => (body ??= readArmBody(request, dependencies.bodies)),
      bytes: () => readArmBytes(request, dependencies.bodies),
    },
    deployments,
  );
}

async function checkAndRoute(request: Omit<ArmCall, "target">, deployments: Deployments): Promise<ArmAnswer> {
  const { path, query, logger } = request;
  checkVersion(query.get("api-version"), path);
  if (path.subscriptionId !== undefined && !GUID.test(path.subscriptionId)) {
    const message = `The provided subscription identifier '${path.subscriptionId}' is malformed or invalid.`;
    throw new RingmainError("invalid_subscription_id", message);
  }
  const target = resolveTarget(request.method, path, request.engine.directory);
  const call: ArmCall = { ...request, path: target.path, target };
  const { operation, sourceOperation } = target;
  return withEvent(call, operation, logger, async () => {
    if (operation === undefined) throw notAllowed(call.method);
    requireGrant(call.caller.manager, operation);
    if (sourceOperation !== undefined) requireGrant(call.caller.manager, sourceOperation);
    return route(call, deployments);
  });
}

/** Throws unless the call names a supported API version. [ARM-VERSION] */
function checkVersion(version: string | null, { namespace, types }: ArmPath): void {
  if (version === null || version === "") {
    throw new RingmainError(
      "missing_api_version",
      "The api-version query parameter (?api-version=) is required for all requests.",
    );
  }
  if (!isApiVersion(version)) {
    throw new RingmainError(
      "invalid_api_version_parameter",
      `The api-version '${version.slice(0, 80)}' is invalid. It is a date, as in '2025-02-15' or '2025-07-15-preview'.`,
    );
  }
  // Calls about the provider itself go to Resource Manager, which has API versions of its own.
  const ofEventGrid = namespace === "Microsoft.EventGrid" && types.length > 0 && types[0] !== "register";
  if (!ofEventGrid || EVENT_GRID_VERSIONS.includes(version.toLowerCase())) return;
  throw new RingmainError(
    "no_registered_provider",
    `No registered resource provider found for location 'local' and API version '${version}' for type '${types[0]}'. The supported api-versions are '${EVENT_GRID_VERSIONS.join(", ")}'. The supported locations are 'local, global' and any other.`,
  );
}

/** Calls on resources without a provider, by path; `*` stands for a name. */
export const PROVIDERLESS_CALLS: ReadonlyMap<string, (call: ArmCall) => ArmAnswer | Promise<ArmAnswer>> = new Map(
  Object.entries({
    tenants,
    subscriptions: azureSubscriptions,
    "subscriptions/*": azureSubscription,
    "subscriptions/*/locations": locations,
    "subscriptions/*/resources": resources,
    "subscriptions/*/providers": providers,
    "subscriptions/*/resourcegroups": listResourceGroups,
    "subscriptions/*/resourcegroups/*": resourceGroup,
    "subscriptions/*/resourcegroups/*/resources": resources,
    providers,
  }),
);

async function route(call: ArmCall, deployments: Deployments): Promise<ArmAnswer> {
  const { path, method } = call;
  if (path.namespace === undefined) {
    const plain = PROVIDERLESS_CALLS.get(shapeOf(path));
    if (plain === undefined) throw noSuchThing(path);
    if (plain !== resourceGroup && plain !== listResourceGroups && method !== "GET") throw notAllowed(method);
    return plain(call);
  }
  if (path.types.length === 0 || (path.types.length === 1 && path.types[0] === "register")) return providers(call);
  if (path.namespace === "Microsoft.EventGrid") return eventGrid(call);
  if (path.namespace === "Microsoft.Authorization") return authorization(call);
  if (path.namespace === "Microsoft.Storage") return storageAccounts(call);
  if (path.namespace === "Microsoft.Resources" && path.types[0] === "deployments") return deployments.answer(call);
  if (providerNamed(path.namespace) === undefined) throw unknownNamespace(path.namespace);
  throw noSuchThing(path);
}

/** Adds the provider to a deployment's path that leaves it out: Azure has such addresses for deployment operations. */
function withProvider(path: ArmPath): ArmPath {
  const [type, name, operations] = path.rest;
  if (path.namespace !== undefined || type?.toLowerCase() !== "deployments" || name === undefined) return path;
  const types = ["deployments", operations ?? ""];
  return { ...path, namespace: "Microsoft.Resources", types, names: [name, ...path.rest.slice(3)], rest: [] };
}

/** Returns a path with `*` in place of names, as in {@link PROVIDERLESS_CALLS}. */
function shapeOf({ subscriptionId, resourceGroup: group, rest }: ArmPath): string {
  const before = [
    ...(subscriptionId === undefined ? [] : ["subscriptions", "*"]),
    ...(group === undefined ? [] : ["resourcegroups", "*"]),
  ];
  return [...before, ...rest].join("/").toLowerCase();
}

function noSuchThing({ path, subscriptionId }: ArmPath): RingmainError {
  if (subscriptionId === undefined) {
    return new RingmainError(
      "missing_subscription",
      "The request did not have a subscription or a valid tenant level resource provider.",
    );
  }
  return new RingmainError("not_found", `The resource '${path}' was not found.`);
}
