import { z } from "zod";
import { sideZone } from "../../model/side-zone.js";
import { param } from "../params/note.js";

/** The property of a data source that names its time zone. */
export const zoneProperty = param(
  z
    .string()
    .trim()
    .refine((text) => sideZone(text) !== null, "expected a time zone such as Asia/Shanghai or +08:00"),
  { help: "Zone of dates that name none, such as Asia/Shanghai or +08:00.", title: "Time zone" },
);
