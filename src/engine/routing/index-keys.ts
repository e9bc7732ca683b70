import type { InputSchema, PublishedEvent } from "../../core/event.ts";
import { dataOf, type EventKey } from "../../core/filter/event-key.ts";
import { foldCase } from "../../core/filter/fold-case.ts";
import { isJsonObject, type JsonValue } from "../../core/json.ts";

/** One segment of filter keys: the values of the keys that end here, and the next segments by case-folded name. */
interface Level<Value> {
  readonly values: Value[];
  readonly below: Map<string, Level<Value>>;
}

/**
 * Finds the filter keys for which an event may have a value. It walks the event, so the cost depends on the number of
 * its members and not on the number of keys.
 */
export class KeyFinder<Value> {
  readonly #schema: InputSchema;
  /** Keys below `data`. */
  readonly #data: Level<Value> = newLevel();
  /** Context attributes. */
  readonly #attributes: Level<Value> = newLevel();
  /** Values under envelope keys. There are few such keys, and every event has them. */
  readonly #envelope: Value[] = [];

  constructor(schema: InputSchema) {
    this.#schema = schema;
  }

  add(key: EventKey, value: Value): void {
    const names = key.segments.map(foldCase);
    if (key.place === "attribute") insert(this.#attributes, names, value);
    if (key.place === "data") insert(this.#data, names.slice(1), value);
    if (key.place === "envelope") this.#envelope.push(value);
  }

  /** Returns the values under all keys for which the event may have a value. */
  find(event: PublishedEvent): ReadonlySet<Value> {
    const found = new Set(this.#envelope);
    collect(this.#data, dataOf(event, this.#schema), found);
    collect(this.#attributes, event.body, found);
    return found;
  }
}

function newLevel<Value>(): Level<Value> {
  return { values: [], below: new Map() };
}

function insert<Value>(top: Level<Value>, names: readonly string[], value: Value): void {
  let level = top;
  for (const name of names) {
    const next = level.below.get(name) ?? newLevel<Value>();
    level.below.set(name, next);
    level = next;
  }
  level.values.push(value);
}

/**
 * Adds the values of all keys that `start` has. Not recursive, because keys and events may be nested as deeply as
 * their sizes allow.
 */
function collect<Value>(top: Level<Value>, start: JsonValue | undefined, found: Set<Value>): void {
  const open: { readonly level: Level<Value>; readonly value: JsonValue | undefined }[] = [
    { level: top, value: start },
  ];
  for (let visited = open.pop(); visited !== undefined; visited = open.pop()) {
    const { level, value } = visited;
    for (const entry of level.values) found.add(entry);
    if (level.below.size === 0 || !isJsonObject(value)) continue;
    for (const name of Object.keys(value)) {
      const next = level.below.get(foldCase(name));
      if (next !== undefined) open.push({ level: next, value: value[name] });
    }
  }
}
