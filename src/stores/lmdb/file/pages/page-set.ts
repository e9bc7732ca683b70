/** A set of page numbers below a limit, with one bit each. */
export class PageSet {
  readonly #bits: Uint8Array;

  constructor(pages: number) {
    this.#bits = new Uint8Array(Math.ceil(Math.max(0, pages) / 8));
  }

  has(page: number): boolean {
    return ((this.#bits[page >>> 3] ?? 0) & (1 << (page & 7))) !== 0;
  }

  /** Adds a page. Returns whether it was not in the set before. */
  add(page: number): boolean {
    if (this.has(page)) return false;
    const byte = page >>> 3;
    this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (page & 7));
    return true;
  }
}
