import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/servers/longest-first.mts";
import { patience } from "./test/servers/pace.mts";
import { whyNoMysql } from "./test/servers/why-no-mysql.mts";

// Limits only end what hangs. Promises about time are measured in the benchmark, or held against something measured beside.
const limits = (usualMs: number) => ({
  testTimeout: patience(usualMs),
  hookTimeout: patience(usualMs),
  expect: { poll: { timeout: patience(usualMs / 3) } },
});

const otherMysql = whyNoMysql();

/** Tests with real servers wait for most of their time, for leases, throttles and starts: twice as many as there are cores. */
const WORKERS = 4;

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    reporters: ["default", "./test/servers/slowest-files.ts", "./test/servers/closing-line.ts"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          ...limits(10_000),
          // Pure code has no state to be kept apart; fresh module graphs would cost more than the tests.
          isolate: false,
          pool: "threads",
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "real",
          include: ["test/{conformance,integration,e2e,chaos,security}/**/*.test.ts"],
          globalSetup: ["test/servers/global-setup.ts"],
          ...limits(60_000),
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          // The suite of MySQL's family once more, on MySQL itself.
          name: "mysql",
          include: otherMysql === null ? ["test/{conformance,e2e}/mysql*.test.ts"] : ["test/servers/no-mysql.test.ts"],
          ...(otherMysql === null ? { globalSetup: ["test/servers/global-setup.ts"] } : {}),
          ...limits(60_000),
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      // The vendor's Python client as a judge: a command of its own, since it takes Python and a package that nothing else needs.
      ...(process.env.SLUICE_PYODPS === undefined
        ? []
        : [{ test: { name: "pyodps", include: ["test/pyodps/**/*.test.ts"], ...limits(60_000) } }]),
    ],
  },
});
