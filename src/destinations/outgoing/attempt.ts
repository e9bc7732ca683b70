import type { DeliveryOutcome, DeliveryOutcomeName } from "../../core/delivery.ts";
import { toError } from "../../core/errors.ts";
import { onAbort } from "../../core/async/on-abort.ts";
import { networkFailure } from "./network-failure.ts";

/** A failed outcome. */
export type Failed = DeliveryOutcome & { readonly kind: "failed" };

/** An attempt came to nothing, for a reason that has a name. The message is half a sentence, without secrets. */
export class AttemptError extends Error {
  override readonly name = "AttemptError";
  readonly outcome: DeliveryOutcomeName;

  constructor(outcome: DeliveryOutcomeName, cause: string) {
    super(cause);
    this.outcome = outcome;
  }
}

export interface AttemptOptions {
  /** For messages: "Sending to amqp://shop/orders". */
  readonly shown: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** What is missing when the time is over; unset "no answer". */
  readonly late?: string;
}

/**
 * Runs one attempt within its time and until its signal is aborted; what `work` throws becomes the outcome. Never
 * rejects. The signal that `work` is given is aborted as soon as the outcome is settled: whatever is still under way
 * then is to be let go.
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

/** The outcome where the configuration does not know what a destination names. [EG-DESTINATION-UNKNOWN] */
export function unknownConnection(name: string, wanted: string): Failed {
  const detail = `The configuration has no connection '${name}' ${wanted}: add it to 'connections'.`;
  return { kind: "failed", outcome: "NotFound", detail, misconfigured: true };
}
