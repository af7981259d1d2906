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

/**
 * What is proved of a process itself: what a driver does as it is loaded, or what the process holds at the end. All other files
 * share the processes of their workers, as calls share a warm instance: loading the same code anew cost each of them a second.
 */
const ownProcess = [
  "test/e2e/api-fuzz.test.ts",
  "test/security/files-of-the-account.test.ts",
  "test/security/files-of-this-machine.test.ts",
];

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
          exclude: ownProcess,
          globalSetup: ["test/servers/global-setup.ts"],
          ...limits(60_000),
          isolate: false,
          setupFiles: ["test/servers/as-found.ts"],
          maxWorkers: WORKERS,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "own-process",
          include: ownProcess,
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
          isolate: false,
          setupFiles: ["test/servers/as-found.ts"],
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
