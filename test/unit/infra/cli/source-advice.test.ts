import { expect, it } from "vitest";
import { missingSourceAdvice } from "../../../../infra/cli/source-advice.js";

it("Advice about a data source tells a missing one from a missing half", () => {
  const missing =
    'steps[0].parameter.datasource: data source "shop" is not registered; register it, or correct the name';
  expect(missingSourceAdvice(missing)).toMatch(/^register it: sluice source add shop .*--deleted/);
  const half = 'data source "shop" is not configured for development: only production can use it';
  expect(missingSourceAdvice(half)).toContain("sluice source clone shop shop --from production --into development");
  const submitted = 'job "j" cannot be submitted: data source "shop" has no production definition';
  expect(missingSourceAdvice(submitted)).toContain("sluice source edit shop --environment production");
  expect(missingSourceAdvice('data source "shop" is not shared for development')).toBeNull();
  expect(missingSourceAdvice("there is no job")).toBeNull();
});
