import Module from "node:module";
import type {
  CoreLogCategory,
  CoreLogLevel,
  DisposableLike,
  FunctionCallback,
  FunctionMetadata,
  HookCallback,
  ProgrammingModel,
} from "./functions-core.ts";

/** The name under which `@azure/functions` asks for its host. */
const CORE_MODULE = "@azure/functions-core";

/** Who an app registers with. */
export interface CoreHost {
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): DisposableLike;
  registerHook(name: string, callback: HookCallback): DisposableLike;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  log(level: CoreLogLevel, category: CoreLogCategory, message: string): void;
}

/** Undoes something, once. */
export class Disposable implements DisposableLike {
  #undo: (() => unknown) | undefined;

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  /** One that disposes of all of them. */
  static from(...disposables: readonly DisposableLike[]): Disposable {
    return new Disposable(() => {
      for (const disposable of disposables) disposable.dispose();
    });
  }

  dispose(): unknown {
    const undo = this.#undo;
    this.#undo = undefined;
    return undo?.();
  }
}

type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

/**
 * Answers every `require("@azure/functions-core")` of this process with `host`. The package is on no registry: Azure's
 * own host supplies it too, at run time. ES modules reach it as well, since `@azure/functions` is itself CommonJS.
 * There is no way back: the library keeps what it was given.
 */
export function provideCoreApi(host: CoreHost): void {
  const api = {
    // The versions of Azure's worker and host whose contract this is; the library looks at them to choose features.
    version: "3.9.1",
    hostVersion: "4.34.0",
    registerFunction: host.registerFunction.bind(host),
    registerHook: host.registerHook.bind(host),
    setProgrammingModel: host.setProgrammingModel.bind(host),
    getProgrammingModel: host.getProgrammingModel.bind(host),
    log: host.log.bind(host),
    Disposable,
  };
  const modules = Module as unknown as { _load: Load };
  // Node has no public hook for this that works in all its versions; other loaders patch the same function.
  // oxlint-disable no-underscore-dangle
  const load = modules._load;
  modules._load = function loadOrProvide(this: unknown, request, ...rest): unknown {
    return request === CORE_MODULE ? api : load.call(this, request, ...rest);
  };
  // oxlint-enable no-underscore-dangle
}
