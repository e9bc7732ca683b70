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

/** How much all deployments together may use. */
export interface TemplateThreadLimits extends PlaceLimits, ThreadLimits {
  /** So many threads work at one time; the others wait for their turn. */
  readonly turns: number;
}

/** One processor is left to publishers wherever there are two. */
const TURNS = Math.min(4, Math.max(1, availableParallelism() - 1));

const LIMITS: TemplateThreadLimits = {
  places: 6,
  placesPerCaller: 4,
  waiting: 16,
  waitMs: 10_000,
  turns: TURNS,
  // Several times what the budget of an evaluation allows for on a slow machine.
  workMs: 30_000,
  heapMegabytes: 128,
};

/** What runs in each thread, bundled; every module lies two folders deep, whether it is a source, compiled or bundled. */
const ENTRY = new URL("../../bundle/template-threads/thread.js", import.meta.url);

/** Evaluates each template in a thread of its own, a few at one time. See docs/decisions/0017-templates-in-threads.md. */
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

  /** Ends all sessions, and refuses further ones. */
  close(): void {
    this.#closed = true;
    for (const session of this.#sessions) session.close();
  }
}
