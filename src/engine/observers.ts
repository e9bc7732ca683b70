import { toError } from "../core/errors.ts";
import type { EngineEvent, EngineListener } from "../ports/engine-events.ts";
import type { Logger } from "../ports/logger.ts";

/** Listeners to the engine's events. */
export interface Observers {
  /** Adds a listener. Returns the function that removes it. */
  add(listener: EngineListener): () => void;
  /** Calls all listeners. */
  notify(event: EngineEvent): void;
}

/** Creates an empty set of listeners. An error that a listener throws is logged and does not affect the others. */
export function createObservers(logger: Logger): Observers {
  const listeners = new Set<EngineListener>();
  return {
    add(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
    notify(event) {
      for (const listener of listeners) {
        try {
          listener(event);
        } catch (thrown) {
          logger.error("engine_listener_failed", { kind: event.kind, error: toError(thrown).message });
        }
      }
    },
  };
}
