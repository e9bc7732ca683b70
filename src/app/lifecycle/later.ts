/** Reference to a part that is opened after the parts that use it. It is set once, and read when the part is needed. */
export class Later<Part extends object> {
  #part: Part | undefined;

  /** The part; `undefined` until it is open. */
  get part(): Part | undefined {
    return this.#part;
  }

  set(part: Part): void {
    this.#part = part;
  }
}
