import type { Database } from "node-sqlite3-wasm";
import { keptName, listParts } from "../oracle/create-table.js";

const views = {
  "SYSIBM.SYSDUMMY1": "IBMREQD",
  "SYSCAT.TABLES": "TABSCHEMA, TABNAME, TYPE, CARD, NPAGES, BASE_TABSCHEMA, BASE_TABNAME, OWNER, REMARKS",
  "SYSCAT.COLUMNS":
    "TABSCHEMA, TABNAME, COLNAME, TYPENAME, LENGTH, SCALE, NULLS, GENERATED, IDENTITY, HIDDEN, CODEPAGE, COLNO",
  "SYSCAT.INDEXES": "TABSCHEMA, TABNAME, INDSCHEMA, INDNAME, UNIQUERULE, INDEXTYPE",
  "SYSCAT.INDEXCOLUSE": "INDSCHEMA, INDNAME, COLNAME, COLORDER, COLSEQ",
  "SYSCAT.TABAUTH": "TABSCHEMA, TABNAME, GRANTEE, INSERTAUTH",
} as const;

/** A column as the tests' driver describes it in a result. */
export interface KnownColumn {
  readonly name: string;
  readonly typeName: string;
  readonly length: number;
  readonly scale: number;
}

const integers: Readonly<Record<string, readonly [low: string, high: string]>> = {
  SMALLINT: ["-32768", "32767"],
  INTEGER: ["-2147483648", "2147483647"],
  BIGINT: ["-9223372036854775808", "9223372036854775807"],
};

/** Makes the catalog of an empty database with one schema, and takes tables into it. */
export function makeCatalog(database: Database, schema: string) {
  for (const [name, columns] of Object.entries(views)) database.exec(`CREATE TABLE "${name}" (${columns})`);
  database.exec(`INSERT INTO "SYSIBM.SYSDUMMY1" VALUES ('Y')`);
  const insert = (view: keyof typeof views, ...values: (string | number | null)[]) =>
    void database.run(`INSERT INTO "${view}" VALUES (${values.map(() => "?").join(", ")})`, values);
  const tables = new Map<string, readonly KnownColumn[]>();
  const addIndex = (index: string, table: string, rule: string, columns: readonly string[]) => {
    insert("SYSCAT.INDEXES", schema, table, schema, index, rule, "REG");
    for (const [at, column] of columns.entries()) insert("SYSCAT.INDEXCOLUSE", schema, index, column, "A", at + 1);
  };
  return {
    tables,
    addIndex,
    /** Takes `CREATE TABLE name (…)`; the answer is the same for SQLite. */
    add(sql: string): string | null {
      const [, written = "", inner = ""] =
        /^\s*CREATE\s+TABLE\s+(?:"?SHOP"?\.)?("[^"]+"|\w+)\s*\((.*)\)\s*$/is.exec(sql) ?? [];
      if (inner === "") return null;
      const name = keptName(written);
      const columns: KnownColumn[] = [];
      const lines: string[] = [];
      const keys: [rule: string, columns: string[]][] = [];
      for (const part of listParts(inner)) {
        const [, kind = "", list = ""] = /^(PRIMARY\s+KEY|UNIQUE|CHECK)\s*\((.*)\)$/is.exec(part) ?? [];
        if (kind !== "") lines.push(`${kind} (${list})`);
        if (/^(?:PRIMARY|UNIQUE)/i.test(kind)) keys.push([kind[0]!.toUpperCase(), list.split(",").map(keptName)]);
        if (kind === "") lines.push(addColumn(part, { name, columns, keys }));
      }
      tables.set(name.toUpperCase(), columns);
      insert("SYSCAT.TABLES", schema, name, "T", -1, -1, null, null, schema, null);
      for (const [at, [rule, key]] of keys.entries()) addIndex(`SQL_${name}_${at}`, name, rule, key);
      return `CREATE TABLE "${name}" (${lines.join(", ")})`;
    },
    remove(name: string) {
      tables.delete(name.toUpperCase());
      for (const view of ["SYSCAT.TABLES", "SYSCAT.COLUMNS", "SYSCAT.INDEXES"])
        database.run(`DELETE FROM "${view}" WHERE TABNAME = ?`, [name]);
    },
    /** Counts rows anew, as RUNSTATS would. */
    count() {
      for (const name of tables.keys()) {
        const { N } = database.get(`SELECT COUNT(*) AS N FROM "${name}"`) as { N: number };
        database.run(`UPDATE "SYSCAT.TABLES" SET CARD = ?, NPAGES = ? WHERE UPPER(TABNAME) = ?`, [
          N,
          Math.ceil(N / 50),
          name,
        ]);
      }
    },
  };

  function addColumn(
    part: string,
    { name: table, columns, keys }: { name: string; columns: KnownColumn[]; keys: [string, string[]][] },
  ): string {
    const [, written = "", given = "", tail = ""] =
      /^("[^"]+"|\w+)\s+(\w+(?:\s*\([^)]*\))?(?:\s+FOR\s+BIT\s+DATA)?)(.*)$/is.exec(part) ?? [];
    const name = keptName(written);
    const upper = given.toUpperCase();
    const bare = upper
      .replace(/\s*\(.*/, "")
      .replace(/^INT$/, "INTEGER")
      .replace(/^CHAR$/, "CHARACTER")
      .replace(/^NUMERIC$/, "DECIMAL");
    const isBits = /FOR\s+BIT\s+DATA/.test(upper);
    const [first, second] = (/\(([^)]*)\)/.exec(upper)?.[1] ?? "").split(",").map((one) => Number.parseInt(one, 10));
    const scale = bare === "TIMESTAMP" ? (Number.isNaN(first!) ? 6 : first!) : (second ?? 0);
    const length = Number.isNaN(first!) ? 4 : first!;
    const isIdentity = /AS\s+IDENTITY/i.test(tail);
    const isNotNull = /NOT\s+NULL|PRIMARY\s+KEY/i.test(tail);
    columns.push({
      name,
      typeName: isBits ? `${bare.replace("CHARACTER", "CHAR")} () FOR BIT DATA` : bare,
      length,
      scale,
    });
    if (/PRIMARY\s+KEY/i.test(tail)) keys.push(["P", [name]]);
    else if (/\bUNIQUE\b/i.test(tail)) keys.push(["U", [name]]);
    const generated = isIdentity ? (/ALWAYS/i.test(tail) ? "A" : "D") : "";
    insert(
      "SYSCAT.COLUMNS",
      schema,
      table,
      name,
      bare,
      length,
      scale,
      isNotNull ? "N" : "Y",
      generated,
      isIdentity ? "Y" : "N",
      "",
      isBits ? 0 : 1208,
      columns.length,
    );
    const check = (code: number, sql: string) => ` CONSTRAINT "DB2-${code}:${name}" CHECK (${sql})`;
    const range = integers[bare];
    const checks = [
      ...(range
        ? [check(-420, `DB2_IS_NUMBER("${name}")`), check(-413, `DB2_BETWEEN("${name}", '${range[0]}', '${range[1]}')`)]
        : []),
      ...(bare === "DECIMAL"
        ? [check(-420, `DB2_IS_NUMBER("${name}")`), check(-413, `DB2_DIGITS_FIT("${name}", ${length - scale})`)]
        : []),
      ...(/CHAR/.test(bare) && !isBits ? [check(-433, `DB2_FITS("${name}", ${length})`)] : []),
      ...(/^(?:DATE|TIMESTAMP)$/.test(bare) ? [check(-181, `DB2_IS_DATE("${name}")`)] : []),
    ];
    const affinity = range
      ? "INT"
      : isBits || /BINARY|BLOB/.test(bare)
        ? "BLOB"
        : /REAL|DOUBLE/.test(bare)
          ? "REAL"
          : "TEXT";
    const kept = tail.replace(/GENERATED.*$/i, "").trim();
    const column = kept.includes("PRIMARY KEY") && !/NOT\s+NULL/i.test(kept) ? `NOT NULL ${kept}` : kept;
    return `"${name}" ${affinity}${checks.join("")} ${column}`;
  }
}
