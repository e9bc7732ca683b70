import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import type { DeploymentTarget } from "../resource-manager/template/deploy-template.ts";
import { localEvaluator } from "../resource-manager/template/local-evaluator.ts";
import type { TemplateSession } from "../resource-manager/template/template-evaluator.ts";
import {
  errorOf,
  failureOf,
  type Call,
  type CallName,
  type CallResult,
  type Ended,
  type Stop,
  type Task,
} from "./messages.ts";

/**
 * Gives publishers priority when processors are busy. On Linux niceness applies to a thread; on other systems to
 * the process.
 */
const NICENESS = 10;

interface Pending {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** The thread's part in one deployment: it evaluates the template, and sends calls of the target to the other side. */
class Evaluation {
  readonly #send: (message: Stop | Ended) => void;
  readonly #pending = new Map<number, Pending>();
  #session: TemplateSession | undefined;
  #calls = 0;

  constructor(send: (message: Stop | Ended) => void) {
    this.#send = send;
  }

  /** Starts or continues the work of a task. */
  handle(task: Task): void {
    if (task.kind === "resolved") this.#take(task.call).resolve(task.value);
    else if (task.kind === "rejected") this.#take(task.call).reject(errorOf(task.failure));
    else {
      const failed = (thrown: unknown): void => this.#send({ kind: "failed", failure: failureOf(thrown) });
      this.#begin(task).then(this.#send, failed);
    }
  }

  async #begin(task: Exclude<Task, CallResult>): Promise<Stop> {
    if (task.kind === "open") {
      this.#session = await localEvaluator.open(task.sent, "");
      return { kind: "opened", order: this.#session.order };
    }
    if (this.#session === undefined) throw new Error("The session is not open");
    if (task.kind === "validate") return { kind: "validated", resources: await this.#session.validate() };
    return { kind: "deployed", outcome: await this.#session.deploy(this.#target()) };
  }

  #target(): DeploymentTarget {
    return {
      put: (...args) => this.#call("put", args),
      get: (...args) => this.#call("get", args),
      list: (...args) => this.#call("list", args),
      resourceGroup: (...args) => this.#call("resourceGroup", args),
      ended: (resource, failure) =>
        this.#send({ kind: "ended", resource, failure: failure === undefined ? undefined : failureOf(failure) }),
    };
  }

  #call<Name extends CallName>(
    name: Name,
    args: Parameters<DeploymentTarget[Name]>,
  ): Promise<Awaited<ReturnType<DeploymentTarget[Name]>>> {
    return new Promise((resolve, reject) => {
      this.#calls += 1;
      this.#pending.set(this.#calls, { resolve, reject });
      this.#send({ kind: "call", call: this.#calls, name, args } as Call);
    });
  }

  #take(call: number): Pending {
    const pending = this.#pending.get(call);
    if (pending === undefined) throw new Error(`There is no call ${call}`);
    this.#pending.delete(call);
    return pending;
  }
}

if (parentPort !== null) {
  const port = parentPort;
  if (process.platform === "linux") setPriority(NICENESS);
  const evaluation = new Evaluation((message) => port.postMessage(message));
  port.on("message", (task: Task) => evaluation.handle(task));
}
