/** Resolves after `ms`, or as soon as `signal` is aborted. Does not keep the process alive. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = AbortSignal.timeout(ms);
    const end = signal === undefined ? timer : AbortSignal.any([timer, signal]);
    if (end.aborted) resolve();
    else end.addEventListener("abort", () => resolve(), { once: true });
  });
}
