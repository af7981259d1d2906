import type { Connector } from "../contract.js";
import { checkAds } from "./check.js";
import { type AdsSource, adsSource } from "./source.js";

/**
 * AnalyticDB 2.0 (`ads`): data source and connectivity test by a login with the MySQL protocol.
 * Source: DataX adswriter document; DataWorks data source properties.
 * Verified against: MariaDB 10.11 standing in for the protocol (integration). Not verified: AnalyticDB 2.0.
 */
export const analyticdb: Connector<AdsSource> = {
  name: "ads",
  title: "AnalyticDB 2.0",
  source: adsSource,
  check: checkAds,
};
