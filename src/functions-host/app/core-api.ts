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

/** Name of the module through which `@azure/functions` finds its host. */
const CORE_MODULE = "@azure/functions-core";

/** The host that an app registers its functions with. */
export interface CoreHost {
  registerFunction(metadata: FunctionMetadata, callback: FunctionCallback): DisposableLike;
  registerHook(name: string, callback: HookCallback): DisposableLike;
  setProgrammingModel(model: ProgrammingModel): void;
  getProgrammingModel(): ProgrammingModel | undefined;
  log(level: CoreLogLevel, category: CoreLogCategory, message: string): void;
}

/** Runs an undo function at most once. */
export class Disposable implements DisposableLike {
  #undo: (() => unknown) | undefined;

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  /** Returns a disposable that disposes of all the given ones. */
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
 * Makes every `require("@azure/functions-core")` of this process return `host`'s API. No registry has the package:
 * Azure's own host provides it at run time, too. ES modules get it as well, since `@azure/functions` itself is
 * CommonJS. This cannot be undone: the library keeps the API.
 */
export function provideCoreApi(host: CoreHost): void {
  const api = {
    // Versions of Azure's worker and host that define this contract. The library selects features by them.
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
  // Node has no public hook for this in all supported versions. Other loaders patch the same function.
  // oxlint-disable no-underscore-dangle
  const load = modules._load;
  modules._load = function loadOrProvide(this: unknown, request, ...rest): unknown {
    return request === CORE_MODULE ? api : load.call(this, request, ...rest);
  };
  // oxlint-enable no-underscore-dangle
}
