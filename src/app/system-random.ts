import { randomBytes, randomUUID } from "node:crypto";
import type { Random } from "../ports/random.ts";

/** The system's own randomness. */
export const systemRandom: Random = {
  next: () => Math.random(),
  uuid: () => randomUUID(),
  secretBytes: (bytes) => randomBytes(bytes),
};
