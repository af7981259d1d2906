import path from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../../model/errors.js";

/** A result that is fetched bit by bit. */
export interface Db2Result {
  fetchN(count: number, option: { readonly fetchMode: 3 }): Promise<readonly (readonly unknown[])[]>;
  getColumnMetadataSync(): readonly Db2ResultColumn[];
  closeSync(): void;
}

/** A column of a result, as the driver describes it. */
export interface Db2ResultColumn {
  readonly SQL_DESC_NAME: string;
  readonly SQL_DESC_TYPE_NAME: string;
  readonly SQL_DESC_PRECISION: number;
  readonly SQL_DESC_SCALE: number;
}

/** A statement that is prepared. */
export interface Db2Statement {
  /** @returns rows that were changed */
  executeNonQuery(parameters?: readonly unknown[]): Promise<number>;
  close(): Promise<unknown>;
}

/** A connection of the driver, as far as it is used. */
export interface Db2Database {
  query(sql: string | Db2ArrayQuery): Promise<unknown>;
  queryResult(sql: string): Promise<readonly [Db2Result | null, unknown]>;
  prepare(sql: string): Promise<Db2Statement>;
  beginTransaction(): Promise<unknown>;
  commitTransaction(): Promise<unknown>;
  rollbackTransaction(): Promise<unknown>;
  close(): Promise<unknown>;
}

/** A statement for many rows: a list of values for each place. */
export interface Db2ArrayQuery {
  readonly sql: string;
  readonly params: readonly {
    readonly ParamType: "ARRAY";
    readonly DataType: "VARCHAR";
    readonly Length: number;
    readonly Data: readonly (string | null)[];
  }[];
  readonly ArraySize: number;
  readonly noResults: true;
}

/** The driver, `ibm_db`. */
export interface Db2Driver {
  open(connectionString: string): Promise<Db2Database>;
}

const INSTALL =
  "Install it beside the functions, with network: npm install ibm_db; it fetches IBM's own libraries (see docs/db2.md).";

/** Where the driver is, when it is not found by its name: a folder of a layer, such as /opt/nodejs/node_modules/ibm_db. */
const PLACE = "SLUICE_DB2_DRIVER";

/**
 * Loads the driver, which is native and no part of the functions: at its first use, by its name or from where the environment says.
 *
 * @throws UserError UNSUPPORTED when it is absent, came without its binary, or does not find IBM's libraries
 */
export async function loadDb2Driver(env: NodeJS.ProcessEnv = process.env): Promise<Db2Driver> {
  const place = env[PLACE] || undefined;
  // A variable, so that what bundles the functions leaves it alone.
  const specifier = place === undefined ? "ibm_db" : pathToFileURL(path.resolve(place)).href;
  try {
    const loaded = (await import(specifier)) as { default?: Db2Driver } & Db2Driver;
    const driver = loaded.default ?? loaded;
    if (typeof driver.open !== "function") throw new Error("it has no function open");
    return driver;
  } catch (cause) {
    throw whyAbsent(cause);
  }
}

function whyAbsent(cause: unknown): UserError {
  const words = cause instanceof Error ? cause.message : String(cause);
  const fault = (message: string, hint = INSTALL) => new UserError("UNSUPPORTED", `DB2: ${message}`, { cause, hint });
  if (/odbc_bindings|bindings file/.test(words))
    return fault(
      "the driver ibm_db is installed, but without its binary: npm ends well although it could not fetch or build it",
    );
  if (/\.so(?:\.\d+)?: |\.dylib|cannot open shared object/.test(words))
    return fault(
      `the driver ibm_db does not find IBM's libraries: ${words.split("\n")[0]}`,
      "Set LD_LIBRARY_PATH to the folder clidriver/lib before the functions start.",
    );
  if (
    /Cannot find (?:package|module)|ERR_MODULE_NOT_FOUND|ENOENT|Unsupported platform/.test(`${words} ${codeOf(cause)}`)
  )
    return fault("the optional driver ibm_db is absent from the functions");
  return fault(`the driver ibm_db cannot be loaded: ${words.split("\n")[0]}`);
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
