import { Disposable } from "./core-api.ts";
import type { HookCallback, HookContext } from "./functions-core.ts";

const HOOKS = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;

/** The moments at which an app may be called besides its functions. */
export type HookName = (typeof HOOKS)[number];

/** The callbacks that an app registered for its hooks. */
export class Hooks {
  /** Shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown> = {};
  /** Shared by `appStart` and `appTerminate`. */
  readonly appLevelData: Record<string, unknown> = {};
  readonly #callbacks = new Map<string, HookCallback[]>(HOOKS.map((name) => [name, []]));

  /** Throws a `RangeError`, marked as the library expects it, for a hook that does not exist. */
  register(name: string, callback: HookCallback): Disposable {
    const callbacks = this.#callbacks.get(name);
    if (callbacks === undefined) {
      throw Object.assign(new RangeError(`Unrecognized hook "${name}"`), { isAzureFunctionsSystemError: true });
    }
    callbacks.push(callback);
    return new Disposable(() => {
      const at = callbacks.indexOf(callback);
      if (at !== -1) callbacks.splice(at, 1);
    });
  }

  /** Calls them one after the other, in the order in which they were registered. */
  async run(name: HookName, context: HookContext): Promise<void> {
    for (const callback of this.#callbacks.get(name) ?? []) await callback(context);
  }

  /** Calls them without waiting, for log lines. */
  runNow(name: HookName, context: HookContext): void {
    for (const callback of this.#callbacks.get(name) ?? []) void callback(context);
  }
}
