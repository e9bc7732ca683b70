/** The emulator's own account. Its name, key and ports are public: every storage SDK contains them. */
export const EMULATOR_ACCOUNT = "devstoreaccount1";
export const EMULATOR_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
export const EMULATOR_PORTS = { blob: 10_000, queue: 10_001, table: 10_002 } as const;
