import { defineConfig } from "vitest/config";

/**
 * One project per kind of proof. `unit` lies beside the source and needs nothing; the others live in `test/`.
 * Wire, crash and example tests start real servers, hence their longer limits.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"] } },
      { test: { name: "contract", include: ["test/contract/**/*.test.ts"] } },
      { test: { name: "wire", include: ["test/wire/**/*.test.ts"], testTimeout: 60_000, hookTimeout: 60_000 } },
      { test: { name: "crash", include: ["test/crash/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 } },
    ],
  },
});
