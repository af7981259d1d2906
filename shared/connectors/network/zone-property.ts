import { z } from "zod";
import { sideZone } from "../../model/side-zone.js";

/** The property of a data source that names its time zone. */
export const zoneProperty = z
  .string()
  .trim()
  .refine((text) => sideZone(text) !== null, "expected a time zone such as Asia/Shanghai or +08:00")
  .meta({ title: "Time zone" });
