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

/** A function as the app registered it. */
export interface RegisteredFunction extends FunctionMetadata {
  readonly callback: FunctionCallback;
  readonly triggerName: string;
  readonly trigger: Binding;
}

/** What starts an invocation. */
export interface Trigger {
  readonly data: TypedData;
  readonly metadata?: Readonly<Record<string, TypedData>>;
  readonly traceParent?: string | undefined;
  readonly traceState?: string | undefined;
}

/** The app of this process; `@azure/functions` keeps its host for good, so there can be no second one. */
let loaded = false;

/** The functions that an `@azure/functions` app registered, and how to invoke them. */
export class FunctionApp {
  readonly functions: Map<string, RegisteredFunction> = new Map();
  /** Whether the app asked for HTTP streaming, which takes a channel of its own. */
  streamsHttp = false;
  readonly #hooks = new Hooks();
  readonly #log: (line: AppLogLine) => void;
  #model: ProgrammingModel | undefined;
  #registering = true;

  private constructor(logger: Logger) {
    this.#log = createAppLog(logger, this.#hooks);
  }

  /**
   * Runs the app's files, which register its functions, and its `appStart` hooks. Throws `invalid_request` with the
   * file and the reason when that fails, `conflict` when this process has an app already.
   */
  static async load(appFolder: string, logger: Logger): Promise<FunctionApp> {
    if (loaded) throw new RingmainError("conflict", "This process hosts a function app already; start another process");
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

  /** Runs one function with its hooks; rejects with what it or a hook threw. */
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
    if (this.functions.has(name)) throw new Error(`A function "${name}" is registered already`);
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

/** The first lines of a syntax error's stack say where it is; its message does not. */
function reasonOf(thrown: unknown): string {
  const error = toError(thrown);
  const at = error instanceof SyntaxError ? /^(\S+:\d+)$/m.exec(error.stack ?? "")?.[1] : undefined;
  return at === undefined ? error.message : `${error.message} (${at})`;
}
