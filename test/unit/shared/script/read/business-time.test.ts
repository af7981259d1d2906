import { expect, it } from "vitest";
import { builtInValues } from "../../../../../shared/script/read/business-time.js";

it.each([
  ["2025-10-31T16:00:00Z", "20251031", "20251101000000", "20251101", "202510"],
  ["2017-07-22T02:00:00Z", "20170721", "20170722100000", "20170722", "201706"],
  ["2023-12-31T15:59:59Z", "20231230", "20231231235959", "20231231", "202311"],
  ["2024-01-15T00:00:00Z", "20240114", "20240115080000", "20240115", "202312"],
  ["2023-12-31T16:00:00Z", "20231231", "20240101000000", "20240101", "202312"],
])("at %s the business date is %s in Shanghai", (planned, bizdate, cyctime, gmtdate, bizmonth) => {
  expect(builtInValues(new Date(planned))).toEqual({ bizdate, cyctime, gmtdate, bizmonth });
});
