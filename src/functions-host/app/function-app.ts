import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { RingmainError, toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import { createAppLog, type AppLogLine } from "./app-log.ts";
import { Disposable, provideCoreApi } from "./core-api.ts";
import { findEntryPoints } from "./entry-points.ts";
import type {
  Binding,
  CoreInvocationContext,
  FunctionCallback,
  FunctionMetadata,
  InvocationResponse,
  ProgrammingModel,
  TypedData,
} from "./functions-core.ts";
import { Hooks } from "./hooks.ts";

/** A function that the app registered. */
export interface RegisteredFunction extends FunctionMetadata {
  readonly callback: FunctionCallback;
  readonly triggerName: string;
  readonly trigger: Binding;
}

/** The data that starts an invocation. */
export interface Trigger {
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

/** Whether this process has loaded an app. There can be only one: `@azure/functions` keeps its host. */
let loaded = false;

/** An `@azure/functions` app with its registered functions. Invokes them. */
export class FunctionApp {
  readonly functions: Map<string, RegisteredFunction> = new Map();
  /** Whether the app enabled HTTP streaming, which needs a channel of its own. */
  streamsHttp = false;
  readonly #hooks = new Hooks();
  readonly #log: (line: AppLogLine) => void;
  #model: ProgrammingModel | undefined;
  #registering = true;

  private constructor(logger: Logger) {
    this.#log = createAppLog(logger, this.#hooks);
  }

  /**
   * Loads an app: runs its files, which register its functions, and then its `appStart` hooks. Rejects with
   * `invalid_request`, which names the file and the reason, or with `conflict` if this process has an app already.
   */
  static async load(appFolder: string, logger: Logger): Promise<FunctionApp> {
    if (loaded)
      throw new RingmainError("conflict", "This process already hosts a function app. Start another process.");
    const files = await findEntryPoints(appFolder);
    loaded = true;
    const app = new FunctionApp(logger);
    provideCoreApi(app.#coreHost());
    for (const file of files) await runFile(join(appFolder, file));
    if (app.#model === undefined || app.functions.size === 0) {
      throw new RingmainError(
        "invalid_request",
        `${files.map((file) => join(appFolder, file)).join(", ")} registered no function with @azure/functions version 4 (function.json is not read)`,
      );
    }
    app.#registering = false;
    const capabilities = (await app.#model.getCapabilities?.({})) ?? {};
    app.streamsHttp = capabilities["HttpUri"] !== undefined;
    const { appHookData, appLevelData: hookData } = app.#hooks;
    const started = { hookData, appHookData, functionAppDirectory: appFolder };
    await app.#hooks.run("appStart", started);
    return app;
  }

  /** Runs one function with its hooks. Rejects with the error that the function or a hook threw. */
  async invoke(target: RegisteredFunction, trigger: Trigger): Promise<InvocationResponse> {
    const model = this.#model;
    if (model === undefined) throw new RingmainError("internal", "The app has no programming model");
    const invocation = this.#invocation(target, trigger);
    const library = await model.getInvocationModel(invocation.core);
    const { context, inputs } = await library.getArguments();
    invocation.context = context;
    const { appHookData } = this.#hooks;
    const hookData = {};
    const before = { hookData, appHookData, invocationContext: context, functionCallback: target.callback, inputs };
    await this.#during("preInvocationHooks", invocation.core, () => this.#hooks.run("preInvocation", before));
    const after: AfterInvocation = {
      hookData,
      appHookData,
      invocationContext: context,
      inputs: before.inputs,
      result: null,
      error: null,
    };
    await this.#during("invocation", invocation.core, async () => {
      try {
        after.result = await library.invokeFunction(context, before.inputs, before.functionCallback);
      } catch (thrown) {
        after.error = thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown });
      }
    });
    await this.#during("postInvocationHooks", invocation.core, () => this.#hooks.run("postInvocation", after));
    if (after.error !== null && after.error !== undefined) throw toError(after.error);
    return library.getResponse(context, after.result);
  }

  /** Runs the app's `appTerminate` hooks. */
  async terminate(): Promise<void> {
    const { appHookData, appLevelData: hookData } = this.#hooks;
    await this.#hooks.run("appTerminate", { hookData, appHookData });
  }

  #invocation(target: RegisteredFunction, trigger: Trigger): { core: CoreInvocationContext; context: unknown } {
    const invocationId = randomUUID();
    const { traceParent, traceState } = trigger;
    const invocation: { core: CoreInvocationContext; context: unknown } = {
      context: undefined,
      core: {
        invocationId,
        request: {
          invocationId,
          inputData: [{ name: target.triggerName, data: trigger.data }],
          ...(trigger.metadata === undefined ? {} : { triggerMetadata: trigger.metadata }),
          ...(traceParent === undefined
            ? {}
            : { traceContext: { traceParent, ...(traceState === undefined ? {} : { traceState }) } }),
        },
        metadata: { name: target.name, bindings: target.bindings },
        log: (level, category, message) => {
          const { context: invocationContext } = invocation;
          this.#log({ level, category, message, function: target.name, invocationId, invocationContext });
        },
      },
    };
    return invocation;
  }

  async #during(
    state: NonNullable<CoreInvocationContext["state"]>,
    core: CoreInvocationContext,
    work: () => Promise<void>,
  ): Promise<void> {
    core.state = state;
    try {
      await work();
    } finally {
      core.state = undefined;
    }
  }

  #coreHost(): Parameters<typeof provideCoreApi>[0] {
    return {
      registerFunction: (metadata, callback) => this.#register(metadata, callback),
      registerHook: (name, callback) => this.#hooks.register(name, callback),
      setProgrammingModel: (model) => {
        this.#model = model;
      },
      getProgrammingModel: () => this.#model,
      log: (level, category, message) => this.#log({ level, category, message }),
    };
  }

  #register(metadata: FunctionMetadata, callback: FunctionCallback): Disposable {
    const { name, bindings } = metadata;
    if (!this.#registering) throw new Error("A function can only be registered while the app starts");
    if (this.functions.has(name)) throw new Error(`A function "${name}" is already registered`);
    const entry = Object.entries(bindings).find(([, { type }]) => type?.toLowerCase().endsWith("trigger") === true);
    if (entry === undefined) throw new Error(`The function "${name}" has no trigger`);
    const [triggerName, trigger] = entry;
    this.functions.set(name, { name, bindings, callback, triggerName, trigger });
    return new Disposable(() => this.functions.delete(name));
  }
}

interface AfterInvocation {
  readonly hookData: Record<string, unknown>;
  readonly appHookData: Record<string, unknown>;
  readonly invocationContext: unknown;
  readonly inputs: unknown[];
  result: unknown;
  error: unknown;
}

async function runFile(file: string): Promise<void> {
  try {
    await import(pathToFileURL(file).href);
  } catch (thrown) {
    throw new RingmainError("invalid_request", `The function app's file ${file} failed to load: ${reasonOf(thrown)}`, {
      cause: thrown,
    });
  }
}

/** Returns the reason of a failed load. Only the stack of a syntax error has its position. */
function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const at = error instanceof SyntaxError ? /^(\S+:\d+)$/m.exec(error.stack ?? "")?.[1] : undefined;
  return at === undefined ? error.message : `${error.message} (${at})`;
}
