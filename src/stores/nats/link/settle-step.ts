import type { EpochMs } from "../../../core/time.ts";
import type {
  AcknowledgeOptions,
  RejectOptions,
  ReleaseOptions,
  RenewLockOptions,
} from "../../../ports/delivery-queue.ts";

/** One settling call of the port, in a form that can be sent to another node. */
export type SettleStep =
  | ({ readonly verb: "acknowledge"; readonly now: EpochMs } & AcknowledgeOptions)
  | ({ readonly verb: "release" } & ReleaseOptions)
  | ({ readonly verb: "reject" } & RejectOptions)
  | ({ readonly verb: "renewLock" } & RenewLockOptions);
