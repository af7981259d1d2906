import type { RunCost } from "../../shared/model/cost.js";
import { groupedCounted } from "./numbers.js";

/** A cost in one line: `about USD 0.0013 (52.1 vCPU s, 52.1 GB s, 6 requests; list prices of 2024-08-27)`. */
export function costText({ usd, vcpuSeconds, gbSeconds, requests, pricesAsOf }: RunCost): string {
  const used = `${amount(vcpuSeconds)} vCPU s, ${amount(gbSeconds)} GB s, ${groupedCounted(requests, "request")}`;
  return `about USD ${money(usd)} (${used}; list prices of ${pricesAsOf})`;
}

/** Two significant digits, and never in scientific notation: most runs cost a small part of a cent. */
function money(usd: number): string {
  if (usd >= 1) return usd.toFixed(2);
  return usd === 0 ? "0" : usd.toLocaleString("en-US", { maximumSignificantDigits: 2, maximumFractionDigits: 20 });
}

function amount(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: value < 10 ? 2 : 1 });
}
