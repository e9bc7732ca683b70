/** Maximum number of keys in a chunk. A larger one is split. */
const CHUNK_KEYS = 512;

/**
 * Keys in order. Adding a key is cheap: the keys are sorted only when they are read, because most deliveries are added
 * and removed without a read.
 */
export class SortedKeys {
  #added: string[] = [];
  readonly #chunks: string[][] = [];

  add(key: string): void {
    this.#added.push(key);
  }

  /** Returns the keys from `start` on, each once. No key may be added meanwhile. */
  *from(start: string): Generator<string, void, void> {
    this.#order();
    let index = this.#chunkOf(start);
    for (let at = indexIn(this.#chunks[index], start); index < this.#chunks.length; index += 1, at = 0) {
      const chunk = this.#chunks[index] ?? [];
      for (; at < chunk.length; at += 1) yield chunk[at] as string;
    }
  }

  #order(): void {
    if (this.#added.length === 0) return;
    const added = this.#added.toSorted(compare);
    this.#added = [];
    for (const key of added) this.#insert(key);
  }

  #insert(key: string): void {
    const index = this.#chunkOf(key);
    const chunk = this.#chunks[index];
    if (chunk === undefined) {
      this.#chunks.push([key]);
      return;
    }
    const at = indexIn(chunk, key);
    if (chunk[at] === key) return;
    chunk.splice(at, 0, key);
    if (chunk.length > CHUNK_KEYS) this.#chunks.splice(index + 1, 0, chunk.splice(cut(at, chunk.length)));
  }

  /**
   * Returns the index of the chunk that contains a key or where it belongs: the last one that starts at or before it.
   */
  #chunkOf(key: string): number {
    let [low, high] = [0, this.#chunks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle]?.[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}

/** Returns where to split a chunk. Keys that are added in order fill their chunks. */
function cut(at: number, length: number): number {
  return at === length - 1 ? length - 1 : length >>> 1;
}

/** Returns the index of a key in a chunk, or the index where it belongs. */
function indexIn(chunk: readonly string[] | undefined, key: string): number {
  let [low, high] = [0, chunk?.length ?? 0];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((chunk?.[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : 1;
}
