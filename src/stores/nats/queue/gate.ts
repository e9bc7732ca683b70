/** Limits the work in progress by weight. Work waits in order of arrival. */
export class Gate {
  readonly #capacity: number;
  #inside = 0;
  #waiting: { readonly weight: number; readonly enter: () => void }[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Resolves when there is room, or returns `undefined` if there is room now. Work that is heavier than the capacity
   * enters alone.
   */
  enter(weight: number): Promise<void> | undefined {
    if (this.#waiting.length === 0 && this.#hasRoom(weight)) {
      this.#inside += weight;
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.push({ weight, enter: resolve });
    });
  }

  leave(weight: number): void {
    this.#inside -= weight;
    let next = 0;
    for (; next < this.#waiting.length; next += 1) {
      const waiter = this.#waiting[next];
      if (waiter === undefined || !this.#hasRoom(waiter.weight)) break;
      this.#inside += waiter.weight;
      waiter.enter();
    }
    if (next > 0) this.#waiting = this.#waiting.slice(next);
  }

  #hasRoom(weight: number): boolean {
    return this.#inside === 0 || this.#inside + weight <= this.#capacity;
  }
}
