import type { ProcessHealth, Readiness } from "../../http/admin/health.ts";

/**
 * State of this process, as `/readyz` reports it. Publishers are served in the state `ready` only.
 *
 * - `starting`: from the beginning, while parts are opened; `waitingFor` names the one that the start waits for.
 * - `ready`: entered by {@link becomeReady} from `starting` when everything is served.
 * - `failed`: entered by {@link fail} from `starting` or `ready` when the store has lost its data. Left by stopping only.
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

  /** Names the part that the start waits for from now on, as a sentence would: `the storage accounts`. */
  waitFor(part: string): void {
    this.#waitingFor = part;
  }

  becomeReady(): void {
    if (this.#health === "starting") this.#health = "ready";
  }

  /** Returns whether the state is `failed` now: a process that is stopping does not fail any more. */
  fail(): boolean {
    if (this.#health !== "stopping") this.#health = "failed";
    return this.#health === "failed";
  }

  stop(): void {
    this.#health = "stopping";
  }
}
