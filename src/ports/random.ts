/** The only source of chance: seeded in tests. */
export interface Random {
  /** Uniform in [0, 1). Not for secrets. */
  next(): number;
  /** A new RFC 4122 UUID, lower case. */
  uuid(): string;
  /** `bytes` unpredictable bytes, for keys and validation codes. */
  secretBytes(bytes: number): Uint8Array;
}
