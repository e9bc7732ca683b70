import { availableParallelism } from "node:os";
import { RingmainError } from "../core/errors.ts";
import { createLimiter } from "../core/async/limiter.ts";
import type {
  SentDeployment,
  TemplateEvaluator,
  TemplateSession,
} from "../resource-manager/template/template-evaluator.ts";
import { Places, type PlaceLimits } from "./places.ts";
import { ThreadSession, type ThreadLimits } from "./thread-session.ts";

/** Limits on all deployments together. */
export interface TemplateThreadLimits extends PlaceLimits, ThreadLimits {
  /** Maximum number of threads that work at one time. The others wait for their turn. */
  readonly turns: number;
}

/** Leaves one processor to publishers if there are at least two. */
const TURNS = Math.min(4, Math.max(1, availableParallelism() - 1));

const LIMITS: TemplateThreadLimits = {
  places: 6,
  placesPerCaller: 4,
  waiting: 16,
  waitMs: 10_000,
  turns: TURNS,
  // Several times as long as the budget of an evaluation takes on a slow machine.
  workMs: 30_000,
  heapMegabytes: 128,
};

/**
 * The bundled program of each thread. Every module is two folders deep, whether it is a source, compiled or bundled.
 */
const ENTRY = new URL("../../bundle/template-threads/thread.js", import.meta.url);

/**
 * Evaluates each template in its own thread, and a limited number at one time. See
 * docs/decisions/0017-templates-in-threads.md.
 */
export class TemplateThreads implements TemplateEvaluator {
  readonly #entry: URL;
  readonly #limits: TemplateThreadLimits;
  readonly #places: Places;
  readonly #turns: ReturnType<typeof createLimiter>;
  readonly #sessions = new Set<ThreadSession>();
  #closed = false;

  constructor(limits: Partial<TemplateThreadLimits> = {}, entry: URL = ENTRY) {
    this.#entry = entry;
    this.#limits = { ...LIMITS, ...limits };
    this.#places = new Places(this.#limits);
    this.#turns = createLimiter(this.#limits.turns);
  }

  async open(sent: SentDeployment, caller: string): Promise<TemplateSession> {
    const leave = await this.#places.enter(caller);
    if (this.#closed) {
      leave();
      throw new RingmainError("not_ready", "Ringmain is stopping. Send the request again later.");
    }
    const session = new ThreadSession({
      entry: this.#entry,
      limits: this.#limits,
      turns: this.#turns,
      closed: (ended) => {
        leave();
        this.#sessions.delete(ended);
      },
    });
    this.#sessions.add(session);
    try {
      await session.open(sent);
      return session;
    } catch (thrown) {
      session.close();
      throw thrown;
    }
  }

  /** Ends all sessions and refuses further ones. */
  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.close();
  }
}
