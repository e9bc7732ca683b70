import { toError } from "../core/errors.ts";
import type { EngineEvent, EngineListener } from "../ports/engine-events.ts";
import type { Logger } from "../ports/logger.ts";

/** The engine's listeners. */
export interface Observers {
  add(listener: EngineListener): () => void;
  notify(event: EngineEvent): void;
}

/** Makes a set of listeners in which one that throws is logged and disturbs nobody. */
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
