/**
 * The contract between a host and `@azure/functions`, as far as this host speaks it: what the library asks of the
 * module `@azure/functions-core`, which exists only at run time. Fields that neither side reads here are left out.
 */

/** How much a log line matters, in the contract's words. */
export type CoreLogLevel = "trace" | "debug" | "information" | "warning" | "error" | "critical" | "none";

/** Who wrote a log line: the app (`user`) or the library (`system`). */
export type CoreLogCategory = "user" | "system" | "customMetric";

/** A value on its way into or out of a function; exactly one member is set. */
export interface TypedData {
  readonly string?: string | null;
  /** JSON text. */
  readonly json?: string | null;
  readonly bytes?: Uint8Array | null;
  readonly int?: number | null;
  readonly double?: number | null;
  readonly http?: HttpData | null;
}

/** A value that may be absent without its name being so. */
export interface Nullable<Value> {
  readonly value?: Value | null;
}

/** An HTTP request for a function, or its answer. */
export interface HttpData {
  readonly method?: string | null;
  readonly url?: string | null;
  readonly headers?: Readonly<Record<string, string>> | null;
  readonly nullableHeaders?: Readonly<Record<string, Nullable<string>>> | null;
  readonly nullableParams?: Readonly<Record<string, Nullable<string>>> | null;
  readonly body?: TypedData | null;
  /** Decimal digits, for example `"200"`. */
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

/** One trigger, input or output of a function; the other members are the ones its type knows. */
export interface Binding {
  /** For example `eventGridTrigger`. */
  readonly type?: string | null;
  readonly direction?: "in" | "out" | "inout" | null;
  readonly [property: string]: unknown;
}

/** What an app says of a function when it registers it. */
export interface FunctionMetadata {
  readonly name: string;
  /** By binding name; the return value's is `$return`. */
  readonly bindings: Readonly<Record<string, Binding>>;
}

/** The handler; gets the trigger's data and the invocation context. */
export type FunctionCallback = (...args: unknown[]) => unknown;

/** What a hook gets; each hook adds members of its own. */
export interface HookContext {
  readonly hookData: Record<string, unknown>;
  readonly appHookData: Record<string, unknown>;
}

/** Called around invocations, at the app's start and end, or for a log line. */
export type HookCallback = (context: HookContext) => unknown;

/** One invocation, as the library is told of it. */
export interface CoreInvocationContext {
  readonly invocationId: string;
  readonly request: InvocationRequest;
  readonly metadata: FunctionMetadata;
  state?: "preInvocationHooks" | "invocation" | "postInvocationHooks" | undefined;
  log(level: CoreLogLevel, category: CoreLogCategory, message: string): void;
}

/** The data of one invocation. */
export interface InvocationRequest {
  readonly invocationId: string;
  readonly inputData: readonly { readonly name: string; readonly data: TypedData }[];
  readonly triggerMetadata?: Readonly<Record<string, TypedData>>;
  readonly traceContext?: { readonly traceParent?: string; readonly traceState?: string };
}

/** What came of an invocation that did not throw. */
export interface InvocationResponse {
  readonly returnValue?: TypedData | null;
  readonly outputData?: readonly { readonly name?: string | null; readonly data?: TypedData | null }[] | null;
}

/** The library's side of one invocation. */
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

/** What `dispose` undoes, once. */
export interface DisposableLike {
  dispose(): unknown;
}
