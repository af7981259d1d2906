import { test } from "vitest";
import { whyNoMysql } from "./why-no-mysql.mjs";

test("the suite of MySQL's family on MySQL itself", ({ skip }) => skip(`no MySQL: ${whyNoMysql()}`));
