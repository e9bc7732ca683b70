import type { JsonValue } from "./json.ts";

/** Limits on one evaluation of a caller's input. */
export interface BudgetLimits {
  /** Units of work. One unit takes about as long as a function call of the template language: 0.2 µs. */
  readonly steps: number;
  /** Bytes of all values that are produced, including those no longer in use. */
  readonly bytes: number;
  /** Bytes of one value. */
  readonly valueBytes: number;
  /** Nesting levels of values, and of evaluations. */
  readonly depth: number;
}

/** Name of the limit that was exceeded. */
export type BudgetLimit = keyof BudgetLimits;

/** Creates the error for an exceeded limit. The owner of a budget knows the protocol in which it is reported. */
export type RefuseBudget = (limit: BudgetLimit, allowed: number) => Error;

/** Bytes of a value in addition to its characters, approximately as on the heap. */
const SCALAR_BYTES = 8;
const TEXT_BYTES = 24;
const ARRAY_BYTES = 32;
const OBJECT_BYTES = 64;
const MEMBER_BYTES = 16;
/** Number of values, or of characters in native code, whose visit costs about one step. */
const VALUES_PER_STEP = 8;
const CHARS_PER_STEP = 64;
const COMPARED_CHARS_PER_STEP = 256;

/** Minimum size of a measured value that is remembered. Measuring a smaller value again is cheaper than a look-up. */
const REMEMBERED_BYTES = 1_024;

/** Size of a value that was charged for, and its nesting levels. */
interface Measure {
  readonly bytes: number;
  readonly depth: number;
}

/**
 * The remaining budget of one evaluation of a caller's input. Every evaluator of such input gets a budget, charges each
 * unit of work before doing it, and passes every value that it produces to {@link Budget.produce}. A method throws once
 * the budget is exceeded, and on every later call. The same input uses the same amount on every machine.
 */
export class Budget {
  readonly #limits: BudgetLimits;
  readonly #refuse: RefuseBudget;
  /** Arrays and objects that were charged for. */
  readonly #measured = new WeakMap<object, Measure>();
  #steps = 0;
  #bytes = 0;
  #depth = 0;

  constructor(limits: BudgetLimits, refuse: RefuseBudget) {
    this.#limits = limits;
    this.#refuse = refuse;
  }

  /** The amounts used so far. */
  get used(): Pick<BudgetLimits, "steps" | "bytes"> {
    return { steps: this.#steps, bytes: this.#bytes };
  }

  /** Charges for work before it is done. Throws if the limit is exceeded. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#limits.steps) throw this.#refuse("steps", this.#limits.steps);
  }

  /** Charges for work that visits each character or element of the values once. Throws like {@link spend}. */
  spendOn(values: readonly JsonValue[]): void {
    let bytes = 0;
    for (const value of values) bytes += typeof value === "string" ? value.length : this.#measure(value);
    this.spend(bytes / CHARS_PER_STEP);
  }

  /**
   * Charges for searching a text in the worst case, in which native search compares the whole part at every position.
   */
  spendOnSearch(text: string, part: string): void {
    this.spend((text.length * Math.max(part.length, 1)) / COMPARED_CHARS_PER_STEP);
  }

  /** Charges for bytes before they are allocated. Throws if the limit on their sum is exceeded. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw this.#refuse("bytes", this.#limits.bytes);
  }

  /** Charges for a text that was produced outside of {@link produce}, as by parsers. */
  takeText(text: string): void {
    this.take(TEXT_BYTES + text.length);
  }

  /** Charges for an array without its elements. */
  takeArray(length: number): void {
    this.take(ARRAY_BYTES + SCALAR_BYTES * length);
  }

  /** Charges for an object without the names and values of its members. */
  takeObject(members: number): void {
    this.take(OBJECT_BYTES + MEMBER_BYTES * members);
  }

  /**
   * Charges for a value that was produced, and returns it. Parts that were charged before count for the size of the
   * value, but not again for the sum of all values. Throws if the value is too large or too deep, or if the sum is
   * too large.
   */
  produce<Value extends JsonValue>(value: Value): Value {
    this.#measure(value);
    return value;
  }

  /** Starts an evaluation within the current one, and charges a step for it. {@link leave} ends it. */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) throw this.#refuse("depth", this.#limits.depth);
    this.spend(1);
  }

  /** Ends the evaluation that {@link enter} started, also after a failure. */
  leave(): void {
    this.#depth -= 1;
  }

  /** Charges for a value unless it was charged before. Returns its size. */
  #measure(value: JsonValue): number {
    this.spend(1);
    if (typeof value !== "object" || value === null) {
      const bytes = sizeOfScalar(value);
      if (bytes > this.#limits.valueBytes) throw this.#refuse("valueBytes", this.#limits.valueBytes);
      this.take(bytes);
      return bytes;
    }
    const known = this.#measured.get(value);
    if (known !== undefined) return known.bytes;
    const walk = new Walk(this.#limits, this.#refuse, this.#measured);
    const measure = walk.measure(value, 1);
    if (measure.bytes >= REMEMBERED_BYTES) this.#measured.set(value, measure);
    this.take(walk.newBytes);
    this.spend(walk.visited / VALUES_PER_STEP);
    return measure.bytes;
  }
}

/** Measures one value. Throws as soon as the value is known to be too large. */
class Walk {
  readonly #limits: BudgetLimits;
  readonly #refuse: RefuseBudget;
  readonly #measured: WeakMap<object, Measure>;
  #total = 0;
  newBytes = 0;
  visited = 0;

  constructor(limits: BudgetLimits, refuse: RefuseBudget, measured: WeakMap<object, Measure>) {
    this.#limits = limits;
    this.#refuse = refuse;
    this.#measured = measured;
  }

  /** @param level nesting level of the value within the one that is measured */
  measure(value: object, level: number): Measure {
    const before = this.#total;
    let deepest = 0;
    const add = (part: JsonValue | undefined): void => {
      if (typeof part === "object" && part !== null) deepest = Math.max(deepest, this.#part(part, level + 1));
      else this.#add(sizeOfScalar(part));
    };
    if (Array.isArray(value)) {
      const elements = value as readonly JsonValue[];
      this.#add(ARRAY_BYTES + SCALAR_BYTES * elements.length);
      for (const element of elements) add(element);
    } else {
      this.#add(OBJECT_BYTES);
      for (const [name, member] of Object.entries(value as Readonly<Record<string, JsonValue | undefined>>)) {
        this.#add(MEMBER_BYTES + name.length);
        add(member);
      }
    }
    return { bytes: this.#total - before, depth: deepest + 1 };
  }

  /** Returns the number of levels of a part. */
  #part(part: object, level: number): number {
    const known = this.#measured.get(part);
    const depth = known?.depth ?? 1;
    if (level - 1 + depth > this.#limits.depth) throw this.#refuse("depth", this.#limits.depth);
    if (known === undefined) return this.measure(part, level).depth;
    this.#count(known.bytes);
    return depth;
  }

  #add(bytes: number): void {
    this.newBytes += bytes;
    this.#count(bytes);
  }

  #count(bytes: number): void {
    this.visited += 1;
    this.#total += bytes;
    if (this.#total > this.#limits.valueBytes) throw this.#refuse("valueBytes", this.#limits.valueBytes);
  }
}

function sizeOfScalar(value: string | number | boolean | null | undefined): number {
  return typeof value === "string" ? TEXT_BYTES + value.length : SCALAR_BYTES;
}
