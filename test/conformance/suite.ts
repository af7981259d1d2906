import { afterAll, beforeAll, describe, test } from "vitest";
import type { Connector } from "../../shared/connectors/contract.js";
import { declare } from "../servers/declared.js";
import { fieldCases } from "./field-cases.js";
import type { ConformanceCase, ConformanceOptions, Fixture, Scratch } from "./fixture.js";
import { readerCases } from "./reader-cases.js";
import { secretCases } from "./secret-cases.js";
import { sourceCases } from "./source-cases.js";
import { writerCases } from "./writer-cases.js";

/** What the cases of the suite work with. */
export interface Bench<S, R, W> {
  readonly connector: Connector<S, R, W>;
  readonly options: ConformanceOptions;
  /** The scratch place; there once the tests run. */
  scratch(): Scratch;
  /** Declares a test; where the system declares that it differs, its reason stands in the test's place. */
  check(name: ConformanceCase, title: string, run: () => Promise<void>): void;
}

/**
 * The cases that every connector passes. A difference is declared in `options.unsupported` with its reason.
 * Cases whose part the fixture or the connector lacks (no reader, no target, no connectivity test) are left out.
 */
export function conformance<S, R, W>(
  connector: Connector<S, R, W>,
  fixture: Fixture,
  options: ConformanceOptions,
): void {
  describe(`${connector.name} conforms`, () => {
    let scratch: Scratch | undefined;
    beforeAll(async () => {
      scratch = await fixture();
    });
    afterAll(async () => {
      await scratch?.close();
    });
    const bench: Bench<S, R, W> = {
      connector,
      options,
      scratch: () => {
        if (!scratch) throw new Error("the fixture was not made");
        return scratch;
      },
      check: (name, title, run) => {
        const reason = options.unsupported?.[name];
        test(title, async (context) => (reason === undefined ? run() : declare(context, reason)));
      },
    };
    sourceCases(bench);
    fieldCases(bench);
    secretCases(bench);
    readerCases(bench);
    writerCases(bench);
  });
}
