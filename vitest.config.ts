import { defineConfig } from "vitest/config";

/** Whether Debian's Azure packages are installed. `.ci/run` installs them and sets the variable. */
const withPython = process.env["RINGMAIN_TEST_PYTHON"] === "1";
/** Whether a nats-server is installed, likewise. */
const withNats = process.env["RINGMAIN_TEST_NATS"] === "1";
/** Whether Azure's command line is installed, likewise. */
const withAz = process.env["RINGMAIN_TEST_AZ"] === "1";

/**
 * One project for each kind of test. `unit` tests are beside the sources and need no servers; the others are in
 * `test/`. Wire, crash and example tests start real servers, and therefore have longer timeouts.
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
