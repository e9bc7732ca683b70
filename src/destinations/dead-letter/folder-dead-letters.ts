import { join, resolve } from "node:path";
import { encodeDeadLetters } from "../../codec/encode/encode-dead-letters.ts";
import type { DeliveryOutcome, LockedDelivery } from "../../core/delivery.ts";
import { toError } from "../../core/errors.ts";
import type { Subscriber } from "../../core/subscriber.ts";
import type { EpochMs } from "../../core/time.ts";
import type { Destination } from "../../ports/destination.ts";
import { fileFailure } from "../outgoing/file-failure.ts";
import { deadLetterPath } from "./dead-letter-path.ts";
import { writeDurably } from "./write-durably.ts";

export interface FolderDeadLetterOptions {
  /** Base of a relative `path`, absolute. */
  readonly base: string;
  readonly path: string;
  readonly newId: () => string;
  readonly subscriber: Subscriber;
}

/**
 * Writes dead letters as files: the paths and contents are those of blobs. A file is there whole or not at all, and
 * is on the disk when the outcome is told. Source: [EG-DEADLETTER-FOLDER]
 */
export function openFolderDeadLetters({ base, path, newId, subscriber }: FolderDeadLetterOptions): Destination {
  const folder = resolve(base, path);

  async function deliver(
    batch: readonly LockedDelivery[],
    now: EpochMs,
    signal: AbortSignal,
  ): Promise<DeliveryOutcome> {
    if (signal.aborted) return { kind: "failed", outcome: "Aborted", detail: `Nothing was written to ${folder}.` };
    const file = join(folder, ...deadLetterPath(subscriber.name, now, newId()));
    try {
      await writeDurably(file, encodeDeadLetters(batch, subscriber.eventDeliverySchema));
      return { kind: "accepted", writtenTo: file };
    } catch (thrown) {
      const { outcome, cause } = fileFailure(toError(thrown));
      return { kind: "failed", outcome, detail: `The dead letters could not be written to ${folder}: ${cause}.` };
    }
  }

  return { deliver, close: async () => {} };
}
