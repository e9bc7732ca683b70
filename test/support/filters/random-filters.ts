import { assertNever } from "../../../src/core/errors.ts";
import type { InputSchema, PublishedEvent } from "../../../src/core/event.ts";
import type { AdvancedFilterDescription, FilterDescription } from "../../../src/core/filter/description.ts";
import { OPERATOR_TYPES, OPERATORS, type ComparandForm } from "../../../src/core/filter/operators.ts";
import type { JsonObject, JsonValue } from "../../../src/core/json.ts";

/** An event with just the parts that filters read. */
export function filterableEvent(
  schema: InputSchema,
  type: string,
  subject: string | undefined,
  body: JsonObject,
): PublishedEvent {
  return {
    body,
    envelope: {
      systemId: "s",
      schema,
      topic: "/topics/t",
      id: "1",
      type,
      subject,
      time: undefined,
      dataVersion: "",
      publishedAt: 0,
      json: new Uint8Array(),
    },
  };
}

/** Random filters and events from pools so small that they often meet. The same seed makes the same ones. */
export class RandomFilters {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** Uniform in [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[Math.floor(this.next() * from.length)];
    if (picked === undefined) throw new Error("Nothing to pick from.");
    return picked;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: 1 + Math.floor(this.next() * most) }, make);
  }

  filter(): FilterDescription {
    return {
      ...(this.chance(0.4) ? { includedEventTypes: this.some(3, () => this.pick(["A", "a", "B", "C", "D"])) } : {}),
      ...(this.chance(0.3) ? { subjectBeginsWith: this.#text() } : {}),
      ...(this.chance(0.3) ? { subjectEndsWith: this.#text() } : {}),
      ...(this.chance(0.3) ? { isSubjectCaseSensitive: this.chance(0.5) } : {}),
      ...(this.chance(0.5) ? { enableAdvancedFilteringOnArrays: this.chance(0.7) } : {}),
      ...(this.chance(0.6) ? { advancedFilters: this.some(2, () => this.#advanced()) } : {}),
    };
  }

  event(schema: InputSchema): PublishedEvent {
    const data: Record<string, JsonValue> = {};
    for (const name of ["a", "A", "b", "list", "K7", "k1", "k2", "k20"])
      if (this.chance(0.6)) data[name] = this.#value();
    if (this.chance(0.6)) data["o"] = this.chance(0.8) ? { p: this.#value() } : this.#value();
    if (this.chance(0.3)) data["O"] = { P: this.#value() };
    const subject = this.chance(0.1) ? undefined : this.#text() + this.#text();
    const type = this.pick(["A", "a", "B", "b", "C"]);
    if (schema === "CustomEventSchema") return filterableEvent(schema, type, subject, data);
    if (schema === "EventGridSchema") {
      return filterableEvent(schema, type, subject, {
        id: "1",
        topic: "/topics/t",
        eventType: type,
        ...(subject === undefined ? {} : { subject }),
        data,
      });
    }
    return filterableEvent(schema, type, subject, {
      specversion: "1.0",
      id: "1",
      source: "/s",
      type,
      subject: subject ?? null,
      ...(this.chance(0.5) ? { ext: this.#text() } : {}),
      ...(this.chance(0.7) ? { num: this.#scalar() } : {}),
      ...(this.chance(0.9) ? { data } : {}),
    });
  }

  #text(): string {
    return this.pick(["a", "A", "ab", "aB", "abc", "bc", "b", "é", "É", "5", "true", "", "abcabc"]);
  }

  #number(): number {
    return this.pick([0, 1, 2, 2.5, 3, 5, -1, 1e21]);
  }

  #key(): string {
    if (this.chance(0.2))
      return this.pick(["id", "Subject", "eventType", "type", "topic", "ext", "EXT", "num", "data"]);
    if (this.chance(0.3)) return `data.k${Math.floor(this.next() * 40)}`;
    return this.pick(["data.a", "data.A", "data.b", "Data.o.p", "data.O.P", "data.list", "data.none", "data.o", "x.y"]);
  }

  /** Any operator of the table, so that one which is added is among them. */
  #advanced(): AdvancedFilterDescription {
    const operatorType = this.pick(OPERATOR_TYPES);
    const filter = { operatorType, key: this.#key(), ...this.#comparands(OPERATORS[operatorType].takes) };
    return filter as AdvancedFilterDescription;
  }

  #comparands(form: ComparandForm): JsonObject {
    switch (form) {
      case "number":
        return { value: this.#number() };
      case "boolean":
        return { value: this.chance(0.5) };
      case "numbers":
        return { values: this.some(3, () => this.#number()) };
      case "ranges":
        return { values: this.some(3, () => [this.#number(), this.#number()]) };
      case "strings":
        return { values: this.some(4, () => this.#text()) };
      case "none":
        return {};
      default:
        return assertNever(form);
    }
  }

  #value(): JsonValue {
    if (this.chance(0.3)) return this.some(4, () => this.#scalar()).slice(this.chance(0.1) ? 99 : 0);
    return this.chance(0.1) ? { a: this.#scalar() } : this.#scalar();
  }

  #scalar(): JsonValue {
    if (this.chance(0.5)) return this.#text();
    if (this.chance(0.6)) return this.#number();
    return this.pick([true, false, null]);
  }
}
