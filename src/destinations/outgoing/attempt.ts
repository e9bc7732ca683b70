import type { DeliveryOutcome, DeliveryOutcomeName } from "../../core/delivery.ts";
import { toError } from "../../core/errors.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import { networkFailure } from "./network-failure.ts";

/** A failed outcome. */
export type Failed = DeliveryOutcome & { readonly kind: "failed" };

/** Error of an attempt that failed with a known outcome. The message is part of a sentence, without secrets. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly outcome: DeliveryOutcomeName;

  constructor(outcome: DeliveryOutcomeName, cause: string) {
    super(cause);
    this.outcome = outcome;
  }
}

/** Options for {@link attempt}. */
export interface AttemptOptions {
  /** Description for messages, for example "Sending to amqp://shop/orders". */
  readonly shown: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Description of the missing event after a timeout. Default: "no answer". */
  readonly late?: string;
}

/**
 * Runs one attempt until it ends, its time is up, or its signal is aborted. An error of `work` becomes the outcome.
 * Never rejects. The signal that is passed to `work` is aborted as soon as the outcome is settled; `work` must then
 * release its resources.
 */
export async function attempt(
  { shown, timeoutMs, signal, late = "no answer" }: AttemptOptions,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<DeliveryOutcome> {
  if (signal.aborted) return { kind: "failed", outcome: "Aborted", detail: `${shown} was not begun.` };
  const over = new AbortController();
  return new Promise<DeliveryOutcome>((done) => {
    const settle = (outcome: DeliveryOutcome): void => {
      clearTimeout(timer);
      forgetSignal();
      done(outcome);
      over.abort();
    };
    const fail = (outcome: DeliveryOutcomeName, cause: string): void =>
      settle({ kind: "failed", outcome, detail: `${shown} failed: ${cause}.` });
    const timer = setTimeout(() => fail("TimedOut", `${late} within ${timeoutMs / 1_000} s`), timeoutMs);
    const forgetSignal = onAbort(signal, () => fail("Aborted", "given up: Ringmain is stopping"));
    work(over.signal).then(
      () => settle({ kind: "accepted" }),
      (thrown: unknown) => {
        const { outcome, cause } =
          thrown instanceof AttemptError
            ? { outcome: thrown.outcome, cause: thrown.message }
            : networkFailure(toError(thrown));
        fail(outcome, cause.replace(/(?<!\.)\.+$/, ""));
      },
    );
  });
}

/** Returns the outcome for a destination whose connection is missing in the configuration. [EG-DESTINATION-UNKNOWN] */
export function unknownConnection(name: string, wanted: string): Failed {
  const detail = `The configuration has no connection '${name}' ${wanted}: add it to 'connections'.`;
  return { kind: "failed", outcome: "NotFound", detail, misconfigured: true };
}
