/** The members of an `AbortSignal` that are used; the type is not part of the language. */
interface Abortable {
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
}

/** A callback that waits for a signal to be aborted, and its place in the list of those that do. */
interface Waiter {
  readonly callback: () => void;
  index: number;
}

const listening = new WeakMap<Abortable, Waiter[]>();

/**
 * Calls back once when the signal is aborted. However many callbacks wait on one signal, it carries one listener: a
 * signal that many share costs no search through a list, and Node has no leak to warn of. Every wait on a signal that
 * outlives the wait goes through here.
 * Measured in docs/hot-path.md.
 * @param signal must not be aborted yet
 * @returns a function that takes the callback back
 */
export function onAbort(signal: Abortable, callback: () => void): () => void {
  const waiters = listening.get(signal) ?? listen(signal);
  const waiter = { callback, index: waiters.length };
  waiters.push(waiter);
  return () => forget(waiters, waiter);
}

function listen(signal: Abortable): Waiter[] {
  const waiters: Waiter[] = [];
  listening.set(signal, waiters);
  const tell = (): void => {
    for (const { callback } of waiters.splice(0)) callback();
  };
  signal.addEventListener("abort", tell, { once: true });
  return waiters;
}

/**
 * The last one takes its place. Not a set: what a set outgrows points on to what it has become, so that once the
 * collector of young objects has let it grow old it keeps alive all that waited since.
 */
function forget(waiters: Waiter[], waiter: Waiter): void {
  if (waiters[waiter.index] !== waiter) return;
  const last = waiters.pop();
  if (last === undefined || last === waiter) return;
  waiters[waiter.index] = last;
  last.index = waiter.index;
}
