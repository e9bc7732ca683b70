import { RingmainError, toError } from "../../core/errors.ts";
import type { Logger } from "../../ports/logger.ts";
import type { FunctionApp, RegisteredFunction, Trigger } from "./function-app.ts";
import type { InvocationResponse, TypedData } from "./functions-core.ts";
import { OUTPUTS } from "./hosted-function.ts";

/** Result of an invocation. */
export type InvocationOutcome =
  | { readonly kind: "succeeded"; readonly http: TypedData["http"] }
  | { readonly kind: "failed"; readonly message: string };

/** Invokes functions with a time limit, logs each invocation, and tracks the running ones. */
export class Invoker {
  readonly #app: FunctionApp;
  readonly #logger: Logger;
  readonly #timeoutMs: number;
  readonly #running = new Set<Promise<unknown>>();

  constructor(app: FunctionApp, logger: Logger, timeoutMs: number) {
    this.#app = app;
    this.#logger = logger;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Invokes a function. Never rejects. A function that exceeds its time limit has failed, but it cannot be stopped
   * and keeps running.
   */
  async invoke(target: RegisteredFunction, trigger: Trigger): Promise<InvocationOutcome> {
    const startedAt = performance.now();
    const invocation = this.#app.invoke(target, trigger);
    this.#track(invocation);
    const outcome = await this.#outcome(target, invocation);
    const fields = { function: target.name, durationMs: Math.round((performance.now() - startedAt) * 10) / 10 };
    if (outcome.kind === "succeeded") this.#logger.info("function_succeeded", fields);
    else this.#logger.error("function_failed", { ...fields, error: outcome.message, ...outcome.stack });
    return outcome;
  }

  /** Resolves when no function is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  get running(): number {
    return this.#running.size;
  }

  async #outcome(
    target: RegisteredFunction,
    invocation: Promise<InvocationResponse>,
  ): Promise<InvocationOutcome & { readonly stack?: { readonly stack: string | undefined } }> {
    try {
      const response = await within(invocation, this.#timeoutMs, target.name);
      return { kind: "succeeded", http: httpOutput(target, response) };
    } catch (thrown) {
      const { message, stack } = toError(thrown);
      return { kind: "failed", message, stack: { stack } };
    }
  }

  #track(invocation: Promise<unknown>): void {
    this.#running.add(invocation);
    void Promise.allSettled([invocation]).then(() => this.#running.delete(invocation));
  }
}

/** Returns the function's HTTP output, if it has one. Throws if the function set an output that cannot be written. */
function httpOutput({ bindings }: RegisteredFunction, response: InvocationResponse): TypedData["http"] {
  const named = (response.outputData ?? []).map(({ name, data }) => ({ name: name ?? "", data }));
  const outputs =
    bindings["$return"] === undefined ? named : [...named, { name: "$return", data: response.returnValue }];
  let http: TypedData["http"];
  for (const { name, data } of outputs) {
    if (data === null || data === undefined) continue;
    const type = bindings[name]?.type;
    // [EG-FUNC-UNSUPPORTED]
    if (type?.toLowerCase() !== "http")
      throw new RingmainError("not_supported", `${OUTPUTS}: this invocation set ${String(type)}`);
    http = data.http;
  }
  return http;
}

async function within<Result>(work: Promise<Result>, timeoutMs: number, name: string): Promise<Result> {
  if (timeoutMs === Infinity) return work;
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `The function ${name} did not end within ${timeoutMs / 1000} s (functionTimeout in host.json)`;
    timer = setTimeout(() => reject(new RingmainError("request_timeout", message)), Math.min(timeoutMs, 2 ** 31 - 1));
    timer.unref();
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
