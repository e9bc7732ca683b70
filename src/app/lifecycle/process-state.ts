import type { ProcessHealth, Readiness } from "../../http/admin/health.ts";

/**
 * State of this process, as `/readyz` reports it. Publishers are served only in the state `ready`.
 *
 * - `starting`: initial state, while parts are opened; `waitingFor` names the part that the start waits for.
 * - `ready`: entered by {@link becomeReady} from `starting`, when all parts are open.
 * - `failed`: entered by {@link fail} from `starting` or `ready`, when the store has lost its data. Left only
 *   by a stop.
 * - `stopping`: entered by {@link stop} from any state; never left.
 */
export class ProcessState implements Readiness {
  #health: ProcessHealth = "starting";
  #waitingFor = "the store";

  get health(): ProcessHealth {
    return this.#health;
  }

  get waitingFor(): string {
    return this.#waitingFor;
  }

  /** Sets the part that the start waits for now, worded for a sentence: `the storage accounts`. */
  waitFor(part: string): void {
    this.#waitingFor = part;
  }

  becomeReady(): void {
    if (this.#health === "starting") this.#health = "ready";
  }

  /** Returns whether the state is `failed` now. A process that is stopping can no longer fail. */
  fail(): boolean {
    if (this.#health !== "stopping") this.#health = "failed";
    return this.#health === "failed";
  }

  stop(): void {
    this.#health = "stopping";
  }
}
