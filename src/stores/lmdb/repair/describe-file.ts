import { RingmainError, toError } from "../../../core/errors.ts";
import { findDamage, findMissingPart } from "../file/check-file.ts";
import { checkFormat } from "../file/data-format.ts";
import { decodeQueue } from "../queue/queue-record.ts";
import { PageFile } from "../file/pages/page-file.ts";
import { valueOf } from "../file/pages/page.ts";
import { walkFile } from "../file/pages/walk-file.ts";
import { entriesOf } from "../file/pages/walk-tree.ts";
import { isRecord } from "./records.ts";

/** Contents of a data file. */
export interface FileContents {
  /** Version of the data format; `undefined` if it cannot be read. */
  readonly format: number | undefined;
  readonly resources: number;
  readonly deliveries: number;
  /** Number of events that are stored separately, because they are large or have several subscriptions. */
  readonly sharedEvents: number;
  readonly bytes: number;
}

/**
 * Checks every page of a data file without opening it as a store. No process may write to the file meanwhile.
 *
 * Throws `store_unavailable` if the file cannot be read, is damaged, or was written by a newer version of Ringmain.
 */
export function describeLmdbFile(path: string): FileContents {
  const damage = findDamage(path, { leafPages: Number.POSITIVE_INFINITY, isRecord, findMissing: findMissingPart });
  if (damage !== undefined) {
    throw new RingmainError("store_unavailable", `${path} is damaged, or is not a data file of Ringmain: ${damage}`);
  }
  const file = new PageFile(path);
  try {
    return readContents(file);
  } catch (thrown) {
    if (thrown instanceof RingmainError) throw thrown;
    throw new RingmainError("store_unavailable", `${path} cannot be read: ${toError(thrown).message}`, {
      cause: thrown,
    });
  } finally {
    file.close();
  }
}

function readContents(file: PageFile): FileContents {
  const [state] = file.states();
  let stored: Buffer | undefined;
  let deliveries = 0;
  const tables =
    state &&
    walkFile(file, state, {
      damage: () => {},
      leafPages: 0,
      leaf: (table, page) => {
        if (table !== "meta" && table !== "queues") return;
        for (const entry of entriesOf(page)) {
          const value = valueOf(file, entry);
          if (value === undefined) continue;
          if (table === "queues") deliveries += decodeQueue(value).count;
          else if (entry.key.toString("latin1") === "format") stored = value;
        }
      },
    }).tables;
  checkFormat(file.path, stored);
  return {
    format: stored?.readUInt32BE(0),
    resources: tables?.get("resources")?.entries ?? 0,
    deliveries,
    sharedEvents: tables?.get("events")?.entries ?? 0,
    bytes: file.bytes,
  };
}
