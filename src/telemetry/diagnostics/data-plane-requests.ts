import { ERRORS, toError, type ErrorCode } from "../../core/errors.ts";
import { formatTime, MINUTE_MS, type EpochMs } from "../../core/time.ts";
import type { Clock } from "../../ports/clock.ts";
import type { EngineEvent, Publisher } from "../../ports/engine-events.ts";
import type { DiagnosticRecord } from "./failure-records.ts";

/** Publish requests to one topic that are equal in every property of the audit. */
interface AggregatedRequests {
  readonly networkAccess: "PublicAccess";
  readonly clientIpAddress: string;
  readonly tlsVersion: string | null;
  readonly authentication: { readonly type: Publisher["authentication"] };
  readonly operationResult: string;
  totalOperations: number;
}

/** An entry of the audit. */
export interface DataPlaneRecord extends DiagnosticRecord {
  readonly level: "Information";
  readonly region: string;
  readonly properties: { readonly aggregatedRequests: readonly AggregatedRequests[] };
}

/** Number of different groups at which a minute ends early. */
const MAX_DIFFERENT = 1_000;

/** Counts publish requests by publisher and result, and writes the counts once a minute. [EG-DIAGNOSTIC-REQUESTS] */
export class DataPlaneRequests {
  readonly #clock: Clock;
  readonly #write: (record: DataPlaneRecord) => void;
  readonly #stopping = new AbortController();
  readonly #topics = new Map<string, Map<string, AggregatedRequests>>();
  #different = 0;
  #waiting = false;

  constructor(clock: Clock, write: (record: DataPlaneRecord) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  add({ at, topic, publisher, failure }: EngineEvent & { kind: "publish-answered" }): void {
    if (topic === undefined) return;
    const requests = this.#topics.get(topic.id) ?? new Map<string, AggregatedRequests>();
    this.#topics.set(topic.id, requests);
    const { address = "", authentication, tlsVersion = null } = publisher;
    const operationResult = result(failure?.code);
    const key = JSON.stringify([address, authentication, tlsVersion, operationResult]);
    const known = requests.get(key);
    if (known !== undefined) {
      known.totalOperations += 1;
      return;
    }
    requests.set(key, {
      networkAccess: "PublicAccess",
      clientIpAddress: address,
      tlsVersion,
      authentication: { type: authentication },
      operationResult,
      totalOperations: 1,
    });
    this.#different += 1;
    if (this.#different >= MAX_DIFFERENT) this.#tell(at);
    else void this.#tellInAMinute(at);
  }

  /** Writes the remaining counts. */
  close(): void {
    this.#stopping.abort();
    this.#tell(this.#clock.now());
  }

  async #tellInAMinute(now: EpochMs): Promise<void> {
    if (this.#waiting || this.#stopping.signal.aborted) return;
    this.#waiting = true;
    try {
      await this.#clock.sleepUntil(now + MINUTE_MS, this.#stopping.signal);
      this.#tell(this.#clock.now());
    } catch (thrown) {
      // Closed meanwhile: `close` has written the counts.
      if (!this.#stopping.signal.aborted) throw toError(thrown);
    } finally {
      this.#waiting = false;
    }
  }

  #tell(at: EpochMs): void {
    for (const [topicId, requests] of this.#topics) {
      this.#write({
        time: formatTime(at),
        resourceId: topicId.toUpperCase(),
        operationName: "Microsoft.EventGrid/events/send",
        category: "DataPlaneRequests",
        level: "Information",
        region: "LOCAL",
        properties: { aggregatedRequests: [...requests.values()] },
      });
    }
    this.#topics.clear();
    this.#different = 0;
  }
}

/** Returns the result of a request. Azure has six results; every other code is mapped to the nearest of them. */
function result(code: ErrorCode | undefined): string {
  if (code === undefined) return "Success";
  const { status, azureCode } = ERRORS[code];
  if (status === 401 || status === 403 || status === 413) return azureCode;
  return status >= 500 ? "InternalServerError" : "BadRequest";
}
