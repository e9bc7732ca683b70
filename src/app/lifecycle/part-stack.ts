import { toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";

/** Names of the parts of a Ringmain, as written to the log. */
export type PartName =
  | "store"
  | "tracing"
  | "telemetry"
  | "destinations"
  | "engine"
  | "server"
  | "azurite"
  | "storage accounts"
  | "function apps";

/** Releases a part. Aborts its activities that are still in progress when `deadline` is aborted. */
export type ReleasePart = (deadline: AbortSignal) => Promise<unknown> | void;

/**
 * The open parts, in the order in which they were opened. A start pushes each part as soon as there is something to
 * release. A stop, or a start that fails, releases the parts one after the other, the latest first.
 */
export class PartStack {
  readonly #logger: Logger;
  /** Keeps the order of insertion. */
  readonly #parts = new Map<PartName, ReleasePart>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Adds a part on top of the others, so that it is released before them. */
  push(name: PartName, release: ReleasePart): void {
    if (this.#parts.has(name)) throw new Error(`The part '${name}' is open already.`);
    this.#parts.set(name, release);
  }

  /** Moves a part to the top: from now on it is released before all others. */
  raise(name: PartName): void {
    const release = this.#parts.get(name);
    if (release === undefined) throw new Error(`The part '${name}' is not open.`);
    this.#parts.delete(name);
    this.#parts.set(name, release);
  }

  /**
   * Releases all parts. If a part cannot be released, logs the error and releases the parts below it anyway. Never
   * rejects.
   * @param withinMs time after which activities that are still in progress are aborted
   */
  async release(withinMs: number): Promise<void> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), withinMs);
    for (let top = this.#pop(); top !== undefined; top = this.#pop()) {
      const [name, release] = top;
      try {
        await release(deadline.signal);
      } catch (thrown) {
        this.#logger.error("release_failed", { part: name, error: toError(thrown).message });
      }
    }
    clearTimeout(timer);
  }

  #pop(): readonly [PartName, ReleasePart] | undefined {
    const top = [...this.#parts].at(-1);
    if (top !== undefined) this.#parts.delete(top[0]);
    return top;
  }
}
