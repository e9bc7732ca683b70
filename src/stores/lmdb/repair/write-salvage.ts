import { closeSync, fsyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { decodeStoredDelivery } from "../../records/stored-delivery.ts";
import { decodeEnvelope } from "../../records/stored-envelope.ts";
import { RingmainError } from "../../../core/errors.ts";
import type { EventEnvelope } from "../../../core/event.ts";
import { DataFile, type TableWrite } from "../file/data-file.ts";
import { checkFormat, FORMAT_KEY, FORMAT_VERSION } from "../file/data-format.ts";
import { unpackRecords } from "../queue/delivery-pack.ts";
import { deliveryKey, numberKey, recordPlaceOf, type Place } from "../file/keys.ts";
import { encodeLogState, LOG_KEY, type LogState } from "../log/log-state.ts";
import type { Salvage } from "./salvage.ts";
import { decodeQueue, encodeQueue } from "../queue/queue-record.ts";
import { SEQUENCE_KEY } from "../queue/queue-registry.ts";
import { REVISION_KEY } from "../lmdb-resource-store.ts";
import { isDelivery } from "./records.ts";
import type { TableName } from "../file/tables.ts";

/** Number of recovered items, and of known lost ones: `undefined` if unknown. */
export interface RecoveredCount {
  readonly recovered: number;
  readonly lost: number | undefined;
}

/** Result of a recovery. */
export interface Recovered {
  readonly resources: RecoveredCount;
  readonly deliveries: RecoveredCount;
  /** Events that are stored separately, because they are large or have several subscriptions. */
  readonly sharedEvents: RecoveredCount;
  /** Number of deliveries that cannot be used, because their event or the name of their queue is lost. */
  readonly orphanedDeliveries: number;
  /** Number of events without a recovered delivery. They are written to a separate file. */
  readonly looseEvents: number;
  /** Whether completed deliveries may be among the recovered ones. */
  readonly mayRepeat: boolean;
}

/** Name of the file with the events that were found without a delivery. */
export const LOOSE_EVENTS_FILE = "loose-events.jsonl";
const WRITES_PER_COMMIT = 10_000;
const BYTES_PER_COMMIT = 2 ** 23;

/** Groups writes into commits. */
class Writer {
  readonly #file: DataFile;
  #writes: TableWrite[] = [];
  #bytes = 0;

  constructor(file: DataFile) {
    this.#file = file;
  }

  async put(table: TableName, key: Buffer, value: Buffer): Promise<void> {
    this.#writes.push({ table, key, value });
    this.#bytes += value.length;
    if (this.#writes.length >= WRITES_PER_COMMIT || this.#bytes >= BYTES_PER_COMMIT) await this.flush();
  }

  async flush(): Promise<void> {
    const writes = this.#writes;
    this.#writes = [];
    this.#bytes = 0;
    if (writes.length > 0) await this.#file.commit(writes);
  }
}

/** Writes events to a file, one line each: `{"topic": …, "event": …}`. Creates the file with the first event. */
class LooseEvents {
  events = 0;
  readonly #path: string;
  #file: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  add({ topic, json }: EventEnvelope): void {
    this.#file ??= openSync(this.#path, "w", 0o600);
    const event = JSON.parse(Buffer.from(json).toString("utf8")) as unknown;
    writeSync(this.#file, `${JSON.stringify({ topic, event })}\n`);
    this.events += 1;
  }

  close(): void {
    if (this.#file === undefined) return;
    fsyncSync(this.#file);
    closeSync(this.#file);
    this.#file = undefined;
  }
}

interface Queues {
  readonly names: Map<number, Buffer>;
  readonly removed: ReadonlySet<number>;
  /** Number of deliveries according to the queues' records; `undefined` if a record is lost. */
  readonly held: number | undefined;
}

interface FoundDelivery {
  readonly queue: number;
  readonly place: Place;
  readonly record: Buffer;
}

/** An event that is stored separately. */
interface SharedEvent {
  /** Number of deliveries of the event. */
  shares: number;
  /** Size of its JSON. */
  readonly bytes: number;
}

/** The contents of a queue. */
interface QueueContents {
  deliveries: number;
  bytes: number;
}

interface Deliveries {
  readonly contents: Map<number, QueueContents>;
  readonly last: number;
  readonly orphaned: number;
  readonly recovered: number;
}

/** Writes the contents of a damaged file into a new data file in an empty folder. */
export async function writeSalvage(
  found: Salvage,
  folder: string,
  options: {
    /** Path of the damaged file, for messages. */
    readonly source: string;
    /** State of the log that stays behind. It must not require any segment. */
    readonly log: LogState;
  },
): Promise<Recovered> {
  const { source, log } = options;
  const meta = readMeta(found);
  checkFormat(source, meta.get("format"));
  const file = new DataFile(folder);
  const loose = new LooseEvents(join(folder, LOOSE_EVENTS_FILE));
  try {
    const writer = new Writer(file);
    const resources = await writeResources(found, writer);
    const queues = readQueues(found);
    const events = readSharedEvents(found);
    const ended = readEnded(found);
    const deliveries = await writeDeliveries(readDeliveries(found, ended), writer, queues, events, loose);
    const sharedEvents = await writeEvents(found, writer, events, loose);
    await writeQueues(writer, queues, deliveries.contents);
    const sequence = Math.max(meta.get("sequence")?.readUIntBE(0, 6) ?? 1, deliveries.last + 1);
    const revision = Math.max(meta.get("revision")?.readUIntBE(0, 6) ?? 0, resources.revision);
    await writer.put("meta", SEQUENCE_KEY, numberKey(sequence, 6));
    await writer.put("meta", REVISION_KEY, numberKey(revision, 6));
    await writer.put("meta", LOG_KEY, encodeLogState(log));
    await writer.put("meta", FORMAT_KEY, numberKey(FORMAT_VERSION, 4));
    await writer.flush();
    return {
      resources: count(resources.recovered, found.expected("resources")),
      deliveries: count(deliveries.recovered, queues.held),
      sharedEvents: count(sharedEvents, found.expected("events")),
      orphanedDeliveries: deliveries.orphaned,
      looseEvents: loose.events,
      mayRepeat: found.mayRepeat || isLost(found, "ended", ended.size),
    };
  } finally {
    loose.close();
    await file.close();
  }
}

function count(recovered: number, expected: number | undefined): RecoveredCount {
  return { recovered, lost: expected === undefined ? undefined : Math.max(0, expected - recovered) };
}

/** Returns the records of `meta` by name, the first of each. */
export function readMeta(found: Salvage): Map<string, Buffer> {
  const meta = new Map<string, Buffer>();
  for (const { key, value } of found.records("meta")) {
    const name = key.toString("latin1");
    if (!meta.has(name)) meta.set(name, value);
  }
  return meta;
}

async function writeResources(found: Salvage, writer: Writer): Promise<{ recovered: number; revision: number }> {
  const keys = new Set<string>();
  let revision = 0;
  for (const { key, value } of found.records("resources")) {
    const id = key.toString("utf8");
    if (keys.has(id)) continue;
    keys.add(id);
    const { etag } = JSON.parse(value.toString("utf8")) as { etag: string };
    if (/^\d{1,14}$/.test(etag)) revision = Math.max(revision, Number(etag));
    await writer.put("resources", key, value);
  }
  return { recovered: keys.size, revision };
}

/**
 * Returns the names of queues by id, and the ids of removed queues. If the record of a queue is lost, its name is taken
 * from an outdated one.
 */
function readQueues(found: Salvage): Queues {
  const names = new Map<number, Buffer>();
  let sum = 0;
  for (const { key, value } of found.records("queues")) {
    const { id, count: ofQueue } = decodeQueue(value);
    if (names.has(id)) continue;
    names.set(id, key);
    sum += ofQueue;
  }
  const held = found.expected("queues") === names.size ? sum : undefined;
  const removedIds = Array.from(found.records("removed"), ({ key }) => key.readUInt32BE(0));
  const removed = new Set(removedIds.filter((id) => !names.has(id)));
  if (found.damage.length === 0) return { names, removed, held };
  for (const { key, value } of found.outdatedRecords("queues")) {
    const { id } = decodeQueue(value);
    if (!names.has(id) && !removed.has(id)) names.set(id, key);
  }
  return { names, removed, held };
}

/** Returns the separately stored events by number, without deliveries. */
function readSharedEvents(found: Salvage): Map<number, SharedEvent> {
  const events = new Map<number, SharedEvent>();
  for (const { key, value } of found.records("events")) {
    events.set(key.readUIntBE(0, 6), { shares: 0, bytes: decodeEnvelope(value).json.length });
  }
  return events;
}

async function writeDeliveries(
  deliveries: Iterable<FoundDelivery>,
  writer: Writer,
  { names, removed }: Queues,
  events: ReadonlyMap<number, SharedEvent>,
  loose: LooseEvents,
): Promise<Deliveries> {
  const contents = new Map<number, QueueContents>();
  const sequences = new Set<number>();
  let [orphaned, recovered, last] = [0, 0, 0];
  for (const { queue, place, record } of deliveries) {
    // A sequence number that was found before has a later record, so this one is outdated.
    if (sequences.has(place.sequence)) continue;
    sequences.add(place.sequence);
    last = Math.max(last, place.sequence);
    if (removed.has(queue)) continue;
    const { event } = decodeStoredDelivery(record);
    const shared = typeof event === "number" ? events.get(event) : undefined;
    const bytes = typeof event === "number" ? shared?.bytes : event.json.length;
    if (bytes === undefined || !names.has(queue)) {
      orphaned += 1;
      if (typeof event !== "number") loose.add(event);
    } else {
      if (shared !== undefined) shared.shares += 1;
      if (typeof event === "number") last = Math.max(last, event);
      recovered += 1;
      const held = contents.get(queue) ?? { deliveries: 0, bytes: 0 };
      contents.set(queue, { deliveries: held.deliveries + 1, bytes: held.bytes + bytes });
      await writer.put("deliveries", deliveryKey(queue, place), record);
    }
  }
  return { contents, last, orphaned, recovered };
}

/** Returns all readable deliveries of single records and packs. Each is written to a record of its own. */
function* readDeliveries(found: Salvage, ended: ReadonlyMap<string, Buffer>): Generator<FoundDelivery, void, void> {
  for (const { key, value } of found.records("deliveries")) {
    for (const { place, record } of unpackRecords(recordPlaceOf(key), value, ended.get(key.toString("latin1")))) {
      if (isDelivery(record)) yield { queue: key.readUInt32BE(0), place, record };
    }
  }
}

/** Returns whether some records of a table were not found. */
function isLost(found: Salvage, table: TableName, recovered: number): boolean {
  const expected = found.expected(table);
  return expected === undefined ? found.damage.some(({ where }) => where === "names") : expected > recovered;
}

/** Returns which deliveries of packs have ended, as the union of all records: an ended delivery stays ended. */
function readEnded(found: Salvage): Map<string, Buffer> {
  const ended = new Map<string, Buffer>();
  for (const { key, value } of found.records("ended")) {
    const name = key.toString("latin1");
    const bits = ended.get(name) ?? Buffer.alloc(value.length);
    for (const [index, byte] of value.entries()) bits[index] = (bits[index] ?? 0) | byte;
    ended.set(name, bits);
  }
  return ended;
}

async function writeEvents(
  found: Salvage,
  writer: Writer,
  events: Map<number, SharedEvent>,
  loose: LooseEvents,
): Promise<number> {
  let recovered = 0;
  for (const { key, value } of found.records("events")) {
    const number = key.readUIntBE(0, 6);
    const shares = events.get(number)?.shares;
    // Writes the event once, even if it was found several times.
    events.delete(number);
    if (shares === undefined) continue;
    if (shares === 0) {
      loose.add(decodeEnvelope(value));
      continue;
    }
    recovered += 1;
    await writer.put("events", key, value);
    if (shares > 1) await writer.put("sharing", key, numberKey(shares, 4));
  }
  return recovered;
}

/** Writes the queues that have deliveries. Empty ones are created again when needed. */
async function writeQueues(
  writer: Writer,
  { names }: Queues,
  contents: ReadonlyMap<number, QueueContents>,
): Promise<void> {
  for (const [id, { deliveries, bytes }] of contents) {
    const name = names.get(id);
    if (name === undefined) throw new RingmainError("internal", `Queue ${id} has no name`);
    await writer.put("queues", name, encodeQueue({ id, count: deliveries, bytes }));
  }
}
