import type { Database } from "node-sqlite3-wasm";
import type { DeclaredTable } from "./create-table.js";

/** The dictionary's views as far as the connector asks, as tables of their own. */
const views: Readonly<Record<string, string>> = {
  DUAL: "DUMMY",
  ALL_OBJECTS: "OWNER, OBJECT_NAME, OBJECT_TYPE, ORACLE_MAINTAINED",
  ALL_TABLES: "OWNER, TABLE_NAME, NUM_ROWS, BLOCKS, IOT_TYPE, CLUSTER_NAME",
  USER_TABLES: "TABLE_NAME",
  ALL_TAB_COMMENTS: "OWNER, TABLE_NAME, COMMENTS",
  ALL_EXTERNAL_TABLES: "OWNER, TABLE_NAME",
  ALL_SYNONYMS: "OWNER, SYNONYM_NAME, TABLE_OWNER, TABLE_NAME, DB_LINK",
  ALL_TAB_COLS:
    "OWNER, TABLE_NAME, COLUMN_NAME, DATA_TYPE, DATA_LENGTH, CHAR_LENGTH, CHAR_USED, DATA_PRECISION, DATA_SCALE, NULLABLE, VIRTUAL_COLUMN, HIDDEN_COLUMN, USER_GENERATED, INTERNAL_COLUMN_ID",
  ALL_TAB_IDENTITY_COLS: "OWNER, TABLE_NAME, COLUMN_NAME, GENERATION_TYPE",
  ALL_INDEXES: "OWNER, INDEX_NAME, TABLE_OWNER, TABLE_NAME, UNIQUENESS, INDEX_TYPE, STATUS",
  ALL_IND_COLUMNS: "INDEX_OWNER, INDEX_NAME, COLUMN_NAME, COLUMN_POSITION",
  ALL_CONSTRAINTS: "OWNER, TABLE_NAME, INDEX_NAME, CONSTRAINT_TYPE, STATUS, VALIDATED, DEFERRABLE",
  ALL_TAB_PRIVS: "PRIVILEGE, GRANTEE",
  SESSION_PRIVS: "PRIVILEGE",
  NLS_SESSION_PARAMETERS: "PARAMETER, VALUE",
  NLS_DATABASE_PARAMETERS: "PARAMETER, VALUE",
};

/** Rows that a block holds, for estimates. */
const ROWS_PER_BLOCK = 50;

/** What the server knows about its tables. */
export interface Dictionary {
  readonly tables: Map<string, DeclaredTable>;
  add(table: DeclaredTable, options?: { readonly isIndexOrganized?: boolean }): void;
  addView(table: DeclaredTable): void;
  addIndex(name: string, table: string, of: { readonly columns: readonly string[]; readonly isUnique: boolean }): void;
  addSynonym(name: string, table: string): void;
  remove(name: string): void;
  comment(table: string, words: string): void;
  /** Counts rows anew, as statistics would. */
  count(): void;
}

/** Makes the dictionary of an empty database with one schema. */
export function makeDictionary(database: Database, schema: string, charset: string): Dictionary {
  for (const [name, columns] of Object.entries(views))
    database.exec(`CREATE TABLE ${name} ("${columns.replaceAll(", ", '", "')}")`);
  database.exec("INSERT INTO DUAL VALUES ('X')");
  const insert = (view: string, ...values: (string | number | null)[]) =>
    void database.run(`INSERT INTO ${view} VALUES (${values.map(() => "?").join(", ")})`, values);
  insert("NLS_DATABASE_PARAMETERS", "NLS_CHARACTERSET", charset);
  const tables = new Map<string, DeclaredTable>();
  const addIndex: Dictionary["addIndex"] = (name, table, { columns, isUnique }) => {
    insert("ALL_INDEXES", schema, name, schema, table, isUnique ? "UNIQUE" : "NONUNIQUE", "NORMAL", "VALID");
    for (const [at, column] of columns.entries()) insert("ALL_IND_COLUMNS", schema, name, column, at + 1);
  };
  const addColumns = ({ name, columns }: DeclaredTable) => {
    for (const [at, column] of columns.entries()) {
      const { type, length, countsCharacters, precision, scale, isNullable, isVirtual, isInvisible, identity } = column;
      const isText = /CHAR/.test(type);
      const bytes = isText && countsCharacters ? Math.min((length ?? 0) * 4, 4_000) : (length ?? 22);
      const displayedBy = column.scale === -127 ? "FLOAT" : column.displayedBy;
      const used = isText ? (countsCharacters ? "C" : "B") : null;
      const yes = (is: boolean) => (is ? "YES" : "NO");
      insert(
        "ALL_TAB_COLS",
        schema,
        name,
        column.name,
        displayedBy,
        bytes,
        isText ? length : 0,
        used,
        precision,
        scale === -127 ? null : scale,
        isNullable ? "Y" : "N",
        yes(isVirtual),
        yes(isInvisible),
        "YES",
        at + 1,
      );
      if (identity) insert("ALL_TAB_IDENTITY_COLS", schema, name, column.name, identity);
    }
  };
  return {
    tables,
    add(table, { isIndexOrganized = false } = {}) {
      const { name, primaryKey, uniqueKeys } = table;
      tables.set(name.toUpperCase(), table);
      insert("ALL_OBJECTS", schema, name, "TABLE", "N");
      insert("ALL_TABLES", schema, name, null, null, isIndexOrganized ? "IOT" : null, null);
      insert("USER_TABLES", name);
      addColumns(table);
      const keys = [
        ...(primaryKey.length > 0 ? [["P", primaryKey] as const] : []),
        ...uniqueKeys.map((key) => ["U", key] as const),
      ];
      for (const [at, [kind, columns]] of keys.entries()) {
        addIndex(`SYS_C_${name}_${at}`, name, { columns, isUnique: true });
        insert("ALL_CONSTRAINTS", schema, name, `SYS_C_${name}_${at}`, kind, "ENABLED", "VALIDATED", "NOT DEFERRABLE");
      }
    },
    addView(table) {
      tables.set(table.name.toUpperCase(), table);
      insert("ALL_OBJECTS", schema, table.name, "VIEW", "N");
      addColumns(table);
    },
    addIndex,
    addSynonym(name, table) {
      insert("ALL_OBJECTS", "PUBLIC", name, "SYNONYM", "N");
      insert("ALL_SYNONYMS", "PUBLIC", name, schema, table, null);
    },
    remove(name) {
      tables.delete(name.toUpperCase());
      database.run("DELETE FROM ALL_OBJECTS WHERE OBJECT_NAME = ?", [name]);
      for (const view of [
        "ALL_TABLES",
        "USER_TABLES",
        "ALL_TAB_COLS",
        "ALL_INDEXES",
        "ALL_CONSTRAINTS",
        "ALL_TAB_IDENTITY_COLS",
      ])
        database.run(`DELETE FROM ${view} WHERE TABLE_NAME = ?`, [name]);
    },
    comment: (table, words) => insert("ALL_TAB_COMMENTS", schema, table, words),
    count() {
      for (const { TABLE_NAME: name } of database.all("SELECT TABLE_NAME FROM ALL_TABLES") as {
        TABLE_NAME: string;
      }[]) {
        const rows = Number((database.get(`SELECT COUNT(*) AS N FROM "${name}"`) as { N: number }).N);
        database.run("UPDATE ALL_TABLES SET NUM_ROWS = ?, BLOCKS = ? WHERE TABLE_NAME = ?", [
          rows,
          Math.ceil(rows / ROWS_PER_BLOCK),
          name,
        ]);
      }
    },
  };
}
