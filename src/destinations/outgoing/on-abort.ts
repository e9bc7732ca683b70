const listening = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls back once when the signal is aborted; the answer undoes it. However many wait on one signal, it carries one
 * listener: an attempt costs no search through a list, and Node has no leak to warn of.
 * The signal must not be aborted yet.
 */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  const callbacks = listening.get(signal) ?? listen(signal);
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function listen(signal: AbortSignal): Set<() => void> {
  const callbacks = new Set<() => void>();
  listening.set(signal, callbacks);
  const tell = (): void => {
    for (const callback of callbacks) callback();
    callbacks.clear();
  };
  signal.addEventListener("abort", tell, { once: true });
  return callbacks;
}
