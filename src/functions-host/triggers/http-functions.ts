import { textResponse, type HostResponse } from "../host/host-response.ts";
import { resolveSettings, type Environment } from "../app/app-settings.ts";
import type { RegisteredFunction } from "../app/function-app.ts";
import type { HttpData } from "../app/functions-core.ts";
import { HOST_LIMITS } from "../host/host-limits.ts";
import { hasKey, type SystemKeys } from "../host/host-keys.ts";
import type { HostRequest } from "../host/host-request.ts";
import { writeCookie } from "./http-cookie.ts";
import { compileRoute, type HttpRoute } from "./http-route.ts";
import type { Invoker } from "../app/invoker.ts";

/** An HTTP function and its route. */
export interface HttpFunction {
  readonly registered: RegisteredFunction;
  readonly route: HttpRoute;
  /** HTTP methods in upper case. */
  readonly methods: readonly string[];
  readonly authLevel: string;
}

/**
 * Returns the routes of HTTP functions, the most specific route first. Throws `invalid_request` for a missing setting.
 */
export function routeHttpFunctions(
  functions: Iterable<RegisteredFunction>,
  routePrefix: string,
  environment: Environment,
): readonly HttpFunction[] {
  return Array.from(functions, (registered) => {
    const { route, methods, authLevel } = registered.trigger;
    const own = typeof route === "string" ? resolveSettings(route, environment) : registered.name;
    return {
      registered,
      route: compileRoute([routePrefix, own.replace(/^\//, "")].filter((part) => part !== "").join("/")),
      methods: (Array.isArray(methods) ? methods : ["GET", "POST"]).map((method) => String(method).toUpperCase()),
      authLevel: typeof authLevel === "string" ? authLevel.toLowerCase() : "anonymous",
    };
  }).toSorted((one, other) => (one.route.rank < other.route.rank ? -1 : 1));
}

/** The HTTP functions of an app, with the collaborators that serve them. */
export interface HttpFunctions {
  readonly functions: readonly HttpFunction[];
  readonly invoker: Invoker;
  readonly keys: SystemKeys | undefined;
  readonly streams: boolean;
}

/** Runs the HTTP function that a request addresses. Resolves with `undefined` if there is none. */
export async function handleHttp(http: HttpFunctions, request: HostRequest): Promise<HostResponse | undefined> {
  // [EG-FUNC-HTTP-METHOD] A method that the function does not accept gets 404, not 405.
  for (const candidate of http.functions) {
    if (!candidate.methods.includes(request.method)) continue;
    const parameters = candidate.route.match(request.url.pathname);
    if (parameters !== undefined) return invokeHttp(http, candidate, request, parameters);
  }
  return undefined;
}

async function invokeHttp(
  { invoker, keys, streams }: HttpFunctions,
  { registered, authLevel }: HttpFunction,
  request: HostRequest,
  parameters: Readonly<Record<string, string>>,
): Promise<HostResponse> {
  // [EG-FUNC-HTTP-KEY]
  if (keys !== undefined && authLevel !== "anonymous") {
    const opening = authLevel === "admin" ? [keys.master] : [keys.master, keys.functions];
    if (!hasKey(request, opening)) return { status: 401 };
  }
  if (streams) return textResponse(501, "enableHttpStream is not supported: leave it out of app.setup");
  const body = await request.readBody(HOST_LIMITS.httpBodyBytes);
  const outcome = await invoker.invoke(registered, {
    data: { http: requestData(request, parameters, body) },
    traceParent: request.header("traceparent"),
    traceState: request.header("tracestate"),
  });
  // [EG-FUNC-HTTP-FAILED]
  if (outcome.kind === "failed") return { status: 500 };
  return toHostResponse(outcome.http);
}

function requestData(request: HostRequest, parameters: Readonly<Record<string, string>>, body: Buffer): HttpData {
  return {
    method: request.method,
    url: request.url.href,
    headers: request.headers,
    nullableParams: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }])),
    body: body.length === 0 ? null : { bytes: body },
  };
}

function toHostResponse(http: HttpData | null | undefined): HostResponse {
  // [EG-FUNC-HTTP-EMPTY]
  if (http === null || http === undefined) return { status: 204 };
  const cookies = (http.cookies ?? []).map(writeCookie);
  const headers = { ...http.headers, ...(cookies.length === 0 ? {} : { "set-cookie": cookies }) };
  const status = Number(http.statusCode ?? 200);
  const body = http.body?.bytes ?? http.body?.string ?? http.body?.json;
  return body === null || body === undefined || body.length === 0 ? { status, headers } : { status, headers, body };
}
