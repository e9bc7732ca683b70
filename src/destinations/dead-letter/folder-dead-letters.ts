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

/** Options for {@link openFolderDeadLetters}. */
export interface FolderDeadLetterOptions {
  /** Base of a relative `path`, absolute. */
  readonly base: string;
  readonly path: string;
  readonly newId: () => string;
  readonly subscriber: Subscriber;
}

/**
 * Opens a destination that writes dead letters as files, with the paths and contents of blobs. Files are written
 * atomically, and are durable when the delivery resolves. Source: [EG-DEADLETTER-FOLDER]
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
