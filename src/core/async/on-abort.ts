/** The members of an `AbortSignal` that are used here. The type is not part of the language. */
interface Abortable {
  addEventListener(type: "abort", listener: () => void, options: { readonly once: true }): void;
}

/** A callback that waits for a signal to be aborted, and its index in the list of callbacks. */
interface Waiter {
  readonly callback: () => void;
  index: number;
}

const listening = new WeakMap<Abortable, Waiter[]>();

/**
 * Calls a callback once when a signal is aborted. A signal gets one listener for any number of callbacks, so that
 * removing a callback needs no search through the listeners of a shared signal, and Node prints no warning about a
 * leak. Use this for every wait on a signal that outlives the wait.
 * Measured in docs/hot-path.md.
 * @param signal a signal that is not aborted yet
 * @returns a function that removes the callback
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
  const onAborted = (): void => {
    for (const { callback } of waiters.splice(0)) callback();
  };
  signal.addEventListener("abort", onAborted, { once: true });
  return waiters;
}

/**
 * Removes a waiter by moving the last one to its place. A set would leak: when it grows, its old table points to
 * the new one, so once the old table has been promoted to the old generation it keeps all later waiters alive.
 */
function forget(waiters: Waiter[], waiter: Waiter): void {
  if (waiters[waiter.index] !== waiter) return;
  const last = waiters.pop();
  if (last === undefined || last === waiter) return;
  waiters[waiter.index] = last;
  last.index = waiter.index;
}
