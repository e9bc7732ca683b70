import { defineConfig } from "vitest/config";

/** Debian's Azure packages are there: `.ci/run` installs them and says so. */
const withPython = process.env["RINGMAIN_TEST_PYTHON"] === "1";
/** A nats-server is there, likewise. */
const withNats = process.env["RINGMAIN_TEST_NATS"] === "1";
/** Azure's command line is there, likewise. */
const withAz = process.env["RINGMAIN_TEST_AZ"] === "1";

/**
 * One project per kind of proof. `unit` lies beside the source and needs nothing; the others live in `test/`.
 * Wire, crash and example tests start real servers, hence their longer limits.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./test/support/count-reporter.ts"],
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts", "bench/**/*.test.ts"] } },
      {
        test: {
          name: "contract",
          include: ["test/contract/**/*.test.ts", "test/upgrade/**/*.test.ts", "test/checks/**/*.test.ts"],
          exclude: withNats ? [] : ["test/contract/*nats*.test.ts"],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: "wire",
          include: ["test/wire/**/*.test.ts"],
          exclude: [...(withPython ? [] : ["test/wire/python-*.test.ts"]), ...(withAz ? [] : ["test/wire/az/**"])],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: "cluster",
          include: ["test/cluster/**/*.test.ts"],
          exclude: withNats ? [] : ["**"],
        },
      },
      { test: { name: "attack", include: ["test/attack/**/*.test.ts"] } },
      {
        test: { name: "crash", include: ["test/crash/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 },
      },
    ],
  },
});
