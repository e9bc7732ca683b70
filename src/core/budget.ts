import type { JsonValue } from "./json.ts";

/** The most that one evaluation of a caller's input may use. */
export interface BudgetLimits {
  /** Units of work. One is about as long as a function call of the template language takes: 0.2 µs. */
  readonly steps: number;
  /** Bytes of all values that come into being, those no longer in use included. */
  readonly bytes: number;
  /** Bytes of one value. */
  readonly valueBytes: number;
  /** Levels of values within values, and of evaluations within evaluations. */
  readonly depth: number;
}

/** The limit that was exceeded. */
export type BudgetLimit = keyof BudgetLimits;

/** Makes the error of an exceeded limit; the owner of a budget knows the protocol that it is reported in. */
export type RefuseBudget = (limit: BudgetLimit, allowed: number) => Error;

/** Bytes of a value besides its characters: about as much as it takes on the heap. */
const SCALAR_BYTES = 8;
const TEXT_BYTES = 24;
const ARRAY_BYTES = 32;
const OBJECT_BYTES = 64;
const MEMBER_BYTES = 16;
/** Visiting so many values, or characters in native code, costs about one step. */
const VALUES_PER_STEP = 8;
const CHARS_PER_STEP = 64;
const COMPARED_CHARS_PER_STEP = 256;

/** A smaller value is measured anew wherever it stands: that takes less than remembering it. */
const REMEMBERED_BYTES = 1_024;

/** Size of a value that was charged for, and the levels within it. */
interface Measure {
  readonly bytes: number;
  readonly depth: number;
}

/**
 * What one evaluation of a caller's input may still use. Whatever evaluates such input takes one, charges every unit of
 * work before doing it, and passes every value that comes into being through {@link Budget.produce}. A budget that is
 * used up throws, and keeps throwing. The same input always uses the same amount, on any machine.
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

  /** The amounts that have been used so far. */
  get used(): Pick<BudgetLimits, "steps" | "bytes"> {
    return { steps: this.#steps, bytes: this.#bytes };
  }

  /** Charges for work that is about to be done. Throws when the limit is exceeded. */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#limits.steps) throw this.#refuse("steps", this.#limits.steps);
  }

  /** Charges for work that visits every character or element of these values once. Throws like {@link spend}. */
  spendOn(values: readonly JsonValue[]): void {
    let bytes = 0;
    for (const value of values) bytes += typeof value === "string" ? value.length : this.#measure(value);
    this.spend(bytes / CHARS_PER_STEP);
  }

  /** Charges for looking for a part in a text, at worst: native search compares every place with the whole part. */
  spendOnSearch(text: string, part: string): void {
    this.spend((text.length * Math.max(part.length, 1)) / COMPARED_CHARS_PER_STEP);
  }

  /** Charges for bytes that are about to be taken up. Throws when the limit on their sum is exceeded. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#limits.bytes) throw this.#refuse("bytes", this.#limits.bytes);
  }

  /** Charges for a text that came into being outside of {@link produce}, as parsers make them. */
  takeText(text: string): void {
    this.take(TEXT_BYTES + text.length);
  }

  /** Charges for an array, apart from its elements. */
  takeArray(length: number): void {
    this.take(ARRAY_BYTES + SCALAR_BYTES * length);
  }

  /** Charges for an object, apart from names and values of its members. */
  takeObject(members: number): void {
    this.take(OBJECT_BYTES + MEMBER_BYTES * members);
  }

  /**
   * Charges for a value that came into being, and returns it. Parts that were charged for before count for the size of
   * the value, not again for the sum of all. Throws when the value is too large or too deep, or the sum is.
   */
  produce<Value extends JsonValue>(value: Value): Value {
    this.#measure(value);
    return value;
  }

  /** Begins an evaluation within the current one, and charges a step for it. {@link leave} ends it. */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > this.#limits.depth) throw this.#refuse("depth", this.#limits.depth);
    this.spend(1);
  }

  /** Ends what {@link enter} began, however it ended. */
  leave(): void {
    this.#depth -= 1;
  }

  /** Charges for a value unless that was done before. Returns its size. */
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

/** One walk through a value; it ends as soon as the value is known to be too large. */
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

  /** @param level of the value within the one that the walk began at */
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

  /** Returns how many levels the part has. */
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
