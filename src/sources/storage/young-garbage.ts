import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Streamed bytes between two collections. */
const BYTES_PER_COLLECTION = 16 * 1_048_576;

type CollectGarbage = (options: { readonly type: "minor" }) => void;

/**
 * Bounds the memory that streamed bytes take once they have passed. Each chunk of a stream is a buffer of its own, which
 * only a collection of young objects frees; V8 schedules those by the objects on its heap, to which a buffer of 64 KiB
 * counts as a hundred bytes, so a fast stream leaves some 80 MiB of passed chunks behind it (Node 24). Collecting young
 * objects every 16 MiB, which takes a fraction of a millisecond, keeps a gibibyte's passage under 50 MiB.
 */
export class YoungGarbage {
  #bytes = 0;
  #collect: CollectGarbage | undefined;

  /** Notes bytes that have passed. */
  passed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < BYTES_PER_COLLECTION) return;
    this.#bytes = 0;
    this.#collect ??= collector();
    this.#collect({ type: "minor" });
  }
}

/** V8's own function, which is there only under a flag; the flag can be set at any time. */
function collector(): CollectGarbage {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as CollectGarbage;
}
