/**
 * The contract between a host and `@azure/functions`: the API of the module `@azure/functions-core`, which exists
 * only at run time. Fields that neither side uses here are left out.
 */

/** Level of a log line. */
export type CoreLogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** Writer of a log line: the app (`user`) or the library (`system`). */
export type CoreLogCategory = "user" | "system" | "customMetric";

/** A value that goes into or comes out of a function. Exactly one member is set. */
export interface TypedData {
  readonly string?: string | null;
  /** JSON text. */
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: HttpData | null;
}

/** A wrapper for a value that may be absent. */
export interface Nullable<Value> {
  readonly value?: Value | null;
}

/** An HTTP request to a function, or its response. */
export interface HttpData {
  readonly method?: string | null;
  readonly url?: string | null;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly nullableHeaders?: Readonly<Record<string, Nullable<string>>> | null;
  readonly nullableParams?: Readonly<Record<string, Nullable<string>>> | null;
  readonly body?: TypedData | null;
  /** The status as decimal digits, for example `"200"`. */
  readonly statusCode?: string | null;
  readonly cookies?: readonly HttpCookie[] | null;
}

/** A cookie that a function sets. */
export interface HttpCookie {
  readonly name?: string | null;
  readonly value?: string | null;
  readonly domain?: Nullable<string> | null;
  readonly path?: Nullable<string> | null;
  /** Seconds since 1970. */
  readonly expires?: Nullable<{ readonly seconds?: number | null }> | null;
  readonly secure?: Nullable<boolean> | null;
  readonly httpOnly?: Nullable<boolean> | null;
  readonly sameSite?: "none" | "lax" | "strict" | "explicitNone" | null;
  /** Seconds. */
  readonly maxAge?: Nullable<number> | null;
}

/** A trigger, input or output of a function. Its type defines further members. */
export interface Binding {
  /** For example `eventGridTrigger`. */
  readonly type?: string | null;
  readonly direction?: "in" | "out" | "inout" | null;
  readonly [property: string]: unknown;
}

/** A function's name and bindings, as the app registers them. */
export interface FunctionMetadata {
  readonly name: string;
  /** Bindings by name. The return value's binding is `$return`. */
  readonly bindings: Readonly<Record<string, Binding>>;
}

/** The handler. Receives the trigger's data and the invocation context. */
export type FunctionCallback = (...args: unknown[]) => unknown;

/** Argument of a hook. Each hook adds members of its own. */
export interface HookContext {
  readonly hookData: Record<string, unknown>;
  readonly appHookData: Record<string, unknown>;
}

/** Called before and after invocations, at the app's start and end, or for a log line. */
export type HookCallback = (context: HookContext) => unknown;

/** One invocation, as the host passes it to the library. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: "preInvocationHooks" | "invocation" | "postInvocationHooks" | undefined;
  log(level: CoreLogLevel, category: CoreLogCategory, message: string): void;
}

/** Input data of one invocation. */
export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly traceContext?: { readonly traceParent?: string; readonly traceState?: string };
}

/** Result of an invocation that did not throw. */
export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name?: string | null; readonly data?: TypedData | null }[] | null;
}

/** The library's part in one invocation. */
export interface InvocationModel {
  getArguments(): Promise<{ readonly context: unknown; readonly inputs: unknown[] }>;
  invokeFunction(context: unknown, inputs: unknown[], callback: FunctionCallback): Promise<unknown>;
  getResponse(context: unknown, result: unknown): Promise<InvocationResponse>;
}

/** The library itself. */
export interface ProgrammingModel {
  readonly name: string;
  readonly version: string;
  getInvocationModel(context: CoreInvocationContext): InvocationModel | Promise<InvocationModel>;
  getCapabilities?(defaults: Record<string, string>): Record<string, string> | Promise<Record<string, string>>;
}

/** A registration that `dispose` undoes once. */
export interface DisposableLike {
  dispose(): unknown;
}
