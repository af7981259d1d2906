import { createHash } from "node:crypto";
import { sqlserver } from "../../shared/connectors/sqlserver/index.js";
import { hasSqlserver, scratchSqlserver } from "../servers/scratch-sqlserver.js";
import { sqlCases } from "./sql-cases.js";
import { badOrders } from "./sql-dirty-cases.js";
import type { SqlKey } from "./sql-fixture.js";

const md5 = (n: number) => createHash("md5").update(String(n)).digest("hex").toUpperCase();
const guid = (n: number) => md5(n).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
const moment = (n: number) => new Date(Date.UTC(2024, 0, 1) + n * 61_007).toISOString().replace("T", " ").slice(0, 23);
const dated = (n: number) => new Date(Date.UTC(1990, 0, 1) + n * 86_400_000).toISOString().slice(0, 10);
const displayedBy = "CONVERT(varchar(34), id, 121)";

const keys: readonly SqlKey[] = [
  { name: "moments", columns: ["id datetime2(3)"], displayedBy, literals: (n) => `'${moment(n)}'` },
  { name: "days", columns: ["id date"], displayedBy: "CONVERT(varchar(10), id, 23)", literals: (n) => `'${dated(n)}'` },
  { name: "uniqueidentifiers", columns: ["id uniqueidentifier"], literals: (n) => `'${guid(n)}'` },
  {
    ...{ name: "bytes", columns: ["id varbinary(16)"], displayedBy: "CONVERT(varchar(max), id, 2)" },
    literals: (n) => `0x${md5(n)}`,
  },
];

/** Keys whose order the engine behind the stand-in does not have. */
const onlyReal: readonly SqlKey[] = [
  {
    name: "decimals",
    columns: ["id decimal(20,4)"],
    displayedBy: "CONVERT(varchar(41), id)",
    literals: (n) => `${n} / 7.0 - 300`,
  },
  {
    name: "money",
    columns: ["id money"],
    displayedBy: "CONVERT(varchar(30), id, 2)",
    literals: (n) => `${n} / 7.0 - 300`,
  },
  {
    name: "moments with offsets",
    columns: ["id datetimeoffset(3)"],
    displayedBy,
    literals: (n) => `'${moment(n)} +0${n % 9}:00'`,
  },
  {
    ...{
      name: "text sorted as SQL Server did long ago",
      columns: ["id varchar(40) COLLATE SQL_Latin1_General_CP1_CI_AS"],
    },
    literals: (n) => `'${["a-b", "ab", "A", "-", "é", "Z"][n % 6]}-${n}'`,
  },
  {
    ...{ name: "text in a collation of its own", columns: ["id nvarchar(40) COLLATE Chinese_PRC_CI_AS"] },
    literals: (n) => `N'${["ä", "Z", "é", "你", "好", "-"][n % 6]}${n}'`,
  },
];

sqlCases(sqlserver, scratchSqlserver, {
  types: { integer: "bigint", text: "nvarchar(40)", long: "nvarchar(700)" },
  keys: hasSqlserver() ? [...keys, ...onlyReal] : keys,
  dirt: {
    declaration: "id int PRIMARY KEY, name nvarchar(20) NOT NULL, day date, amount decimal(6,2)",
    bad: [...badOrders, [["100007", "rounded", null, "1.005"], "CONVERSION"]],
  },
  inserts: { "INSERT BULK": {}, INSERT: { nullMode: "skipNull" } },
  upserts: {
    replace: { writeMode: "replace" },
    update: { writeMode: "update" },
    ignore: { writeMode: "upsert", conflictMode: "ignore" },
  },
  blocksReaders: "readers wait for rows that an open transaction has written",
});
