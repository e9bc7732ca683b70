import { Buffer } from "node:buffer";
import { resolve } from "node:path";
import { encodeEvent } from "../../codec/encode/encode-event.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { toError } from "../../core/errors.ts";
import type { FileProperties } from "../../core/destinations/file.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import { fileFailure } from "../outgoing/file-failure.ts";
import type { JsonLinesFiles } from "./json-lines-file.ts";

/** Options for {@link openFile}. */
export interface FileDestinationOptions {
  readonly files: JsonLinesFiles;
  /** Base of relative paths. */
  readonly folder: string;
  readonly subscriber: Subscriber;
}

const DEFAULT_MEGABYTES = 100;
const MEGABYTE = 1_000_000;

/** Opens a destination that appends events to a file, one line of JSON each. Source: [EG-FILE] */
export function openFile(
  { files, folder, subscriber }: FileDestinationOptions,
  { path, maxFileMegabytes = DEFAULT_MEGABYTES }: FileProperties,
): Destination {
  const file = files.at(resolve(folder, path));

  async function deliver(
    batch: readonly LockedDelivery[],
    _now: EpochMs,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    if (signal.aborted) return { kind: "failed", outcome: "Aborted", detail: `Nothing was written to ${path}.` };
    const { eventDeliverySchema } = subscriber;
    const lines = batch.map(({ event }) => line(encodeEvent(event, eventDeliverySchema)));
    try {
      await file.append(Buffer.concat(lines), maxFileMegabytes * MEGABYTE);
      return { kind: "accepted" };
    } catch (thrown) {
      const { outcome, cause } = fileFailure(toError(thrown));
      return { kind: "failed", outcome, detail: `Appending to ${path} failed: ${cause}.` };
    }
  }

  return { deliver, close: async () => {} };
}

/**
 * Returns JSON on a single line. Its line breaks are white space between tokens, because strings contain escaped ones.
 */
function line(json: Uint8Array): Buffer {
  const text = Buffer.from(json)
    .toString()
    .replaceAll(/[\r\n]+/g, " ");
  return Buffer.from(`${text}\n`);
}
