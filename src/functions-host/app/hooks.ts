import { Disposable } from "./core-api.ts";
import type { HookCallback, HookContext } from "./functions-core.ts";

const HOOKS = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;

/** Events for which an app may register a hook. */
export type HookName = (typeof HOOKS)[number];

/** The hooks that an app registered. */
export class Hooks {
  /** Data shared by all hooks of the app. */
  readonly appHookData: Record<string, unknown> = {};
  /** Data shared by `appStart` and `appTerminate`. */
  readonly appLevelData: Record<string, unknown> = {};
  readonly #callbacks = new Map<string, HookCallback[]>(HOOKS.map((name) => [name, []]));

  /** Registers a hook. Throws a `RangeError`, marked as the library expects it, if no such hook exists. */
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

  /** Calls the hooks one after the other in the order of registration, and waits for each. */
  async run(name: HookName, context: HookContext): Promise<void> {
    for (const callback of this.#callbacks.get(name) ?? []) await callback(context);
  }

  /** Calls the hooks without waiting for them. Used for log lines. */
  runNow(name: HookName, context: HookContext): void {
    for (const callback of this.#callbacks.get(name) ?? []) void callback(context);
  }
}
