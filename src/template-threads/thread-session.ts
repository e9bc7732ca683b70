import { Worker, type Transferable } from "node:worker_threads";
import { assertNever, RingmainError } from "../core/errors.ts";
import type { Limiter } from "../core/async/limiter.ts";
import type { DeployedResource } from "../core/resources/resources.ts";
import type { DeploymentOutcome, DeploymentTarget } from "../resource-manager/template/deploy-template.ts";
import { invalidTemplate } from "../resource-manager/template/template-error.ts";
import type {
  DeploymentOrder,
  SentDeployment,
  TemplateSession,
} from "../resource-manager/template/template-evaluator.ts";
import { errorOf, failureOf, type Call, type Ended, type Stop, type Task } from "./messages.ts";

/** Limits on the thread of one deployment. */
export interface ThreadLimits {
  /** Working time in milliseconds, without the time in which the thread waits. */
  readonly workMs: number;
  readonly heapMegabytes: number;
}

/** Options for a session: its thread, and the limits of its work. */
export interface ThreadOptions {
  readonly entry: URL;
  readonly limits: ThreadLimits;
  /** Limits the number of threads that work at one time. */
  readonly turns: Limiter;
  /** Called once, when the thread has been ended. */
  readonly closed: (session: ThreadSession) => void;
}

const MEBIBYTE = 1_048_576;

/**
 * One deployment in its own thread. The thread and this side take turns. The thread works on a task until it stops:
 * with a result, or with a call of the deployment's target. It then waits while this side carries out the call.
 * Ending the thread also ends work that the budget of the evaluation did not limit: endless work, and memory.
 */
export class ThreadSession implements TemplateSession {
  readonly #worker: Worker;
  readonly #options: ThreadOptions;
  #order: DeploymentOrder | undefined;
  #target: DeploymentTarget | undefined;
  #leftMs: number;
  /** Resolves the current task. */
  #stopped: (stop: Stop) => void = () => {};
  #ended: Error | undefined;
  /** Rejects when the thread is ended. */
  readonly #end: Promise<never>;
  #reject: (error: Error) => void = () => {};

  constructor(options: ThreadOptions) {
    const { entry, limits } = options;
    this.#options = options;
    this.#leftMs = limits.workMs;
    this.#end = new Promise((_, reject) => {
      this.#reject = reject;
    });
    // Without a task, no caller handles the rejection.
    this.#end.catch(() => {});
    this.#worker = new Worker(entry, {
      name: "template",
      env: {},
      argv: [],
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: limits.heapMegabytes },
    });
    this.#worker.on("message", (message: Stop | Ended) => this.#receive(message));
    this.#worker.on("error", (error: NodeJS.ErrnoException) => this.#finish(this.#errorOfThread(error)));
    this.#worker.on("exit", () => this.#finish(closed()));
  }

  /** Sends the deployment to the thread. Rejects as a `TemplateEvaluator` does. */
  async open(sent: SentDeployment): Promise<void> {
    // A copy: the bytes may be a part of a shared buffer.
    const body = new Uint8Array(sent.body);
    const stop = await this.#work({ kind: "open", sent: { ...sent, body } }, [body.buffer]);
    if (stop.kind !== "opened") throw failedBy(stop);
    this.#order = stop.order;
  }

  get order(): DeploymentOrder {
    if (this.#order === undefined) throw new Error("The session is not open");
    return this.#order;
  }

  async validate(): Promise<readonly DeployedResource[]> {
    const stop = await this.#work({ kind: "validate" });
    if (stop.kind === "validated") return stop.resources;
    throw failedBy(stop);
  }

  async deploy(target: DeploymentTarget): Promise<DeploymentOutcome> {
    this.#target = target;
    let stop = await this.#work({ kind: "deploy" });
    while (stop.kind === "call") {
      stop = await this.#work(await Promise.race([this.#carryOut(stop, target), this.#end]));
    }
    if (stop.kind === "deployed") return stop.outcome;
    throw failedBy(stop);
  }

  close(): void {
    this.#finish(closed());
  }

  /** Lets the thread work on a task once it has its turn. */
  #work(task: Task, transfer: readonly Transferable[] = []): Promise<Stop> {
    return this.#options.turns(async () => {
      if (this.#ended !== undefined) throw this.#ended;
      const begun = performance.now();
      const timer = setTimeout(() => this.#finish(this.#tooLong()), this.#leftMs);
      try {
        const stop = new Promise<Stop>((resolve) => {
          this.#stopped = resolve;
        });
        this.#worker.postMessage(task, transfer);
        return await Promise.race([stop, this.#end]);
      } finally {
        clearTimeout(timer);
        this.#leftMs -= performance.now() - begun;
      }
    });
  }

  #receive(message: Stop | Ended): void {
    if (message.kind !== "ended") this.#stopped(message);
    else this.#target?.ended(message.resource, message.failure && errorOf(message.failure));
  }

  async #carryOut(call: Call, target: DeploymentTarget): Promise<Task> {
    try {
      return { kind: "resolved", call: call.call, value: await callOf(target, call) };
    } catch (thrown) {
      return { kind: "rejected", call: call.call, failure: failureOf(thrown) };
    }
  }

  #errorOfThread(error: NodeJS.ErrnoException): Error {
    if (error.code !== "ERR_WORKER_OUT_OF_MEMORY") return error;
    const bytes = this.#options.limits.heapMegabytes * MEBIBYTE;
    return invalidTemplate(`The evaluation of the template exceeds the limit of '${bytes}' bytes of memory`);
  }

  #tooLong(): Error {
    const seconds = this.#options.limits.workMs / 1_000;
    return invalidTemplate(`The evaluation of the template exceeds the limit of '${seconds}' seconds`);
  }

  #finish(error: Error): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#reject(error);
    // Resolves when the thread has ended, which no caller waits for.
    void this.#worker.terminate();
    this.#options.closed(this);
  }
}

function failedBy(stop: Stop): Error {
  return stop.kind === "failed" ? errorOf(stop.failure) : new Error(`Unexpected message: ${stop.kind}`);
}

function callOf(target: DeploymentTarget, { name, args }: Call): Promise<unknown> {
  switch (name) {
    case "put":
      return target.put(...args);
    case "get":
      return target.get(...args);
    case "list":
      return target.list(...args);
    case "resourceGroup":
      return target.resourceGroup(...args);
    default:
      return assertNever(name);
  }
}

function closed(): RingmainError {
  return new RingmainError("not_ready", "The evaluation of the template was ended.");
}
