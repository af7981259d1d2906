import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysql } from "../../shared/connectors/mysql/index.js";
import { declare } from "../servers/declared.js";
import { type ScratchDatabase, scratchDatabase } from "../servers/scratch-mysql.js";
import { sideOf } from "./drive.js";

const reader = mysql.reader!;
const ROWS = 3000;
const WANTED = 3;
let database: ScratchDatabase;
let charsets: ReadonlySet<string>;
let collations: ReadonlySet<string>;

beforeAll(async () => {
  database = await scratchDatabase();
  const names = async (sql: string) => new Set((await database.query(sql)).map(([name]) => String(name)));
  collations = await names("SELECT collation_name FROM information_schema.collations");
  charsets = await names("SELECT character_set_name FROM information_schema.character_sets");
});
afterAll(() => database.drop());

/** Digits that look random and are the same each time. */
const hash = (n: number) => createHash("md5").update(String(n)).digest();
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;
const word = (from: number, count: number, length: number) => (n: number) =>
  String.fromCodePoint(
    ...Array.from({ length: 2 + (n % length) }, (_, i) => from + (hash(n).readUInt16LE(i * 2) % count)),
  );
const uuid = (n: number) =>
  hash(n)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
const surnames = [..."王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"];
const given = word(0x4e00, 0x5000, 2);

const shapes: Readonly<Record<string, (n: number) => string>> = {
  hex: (n) => hash(n).toString("hex"),
  "capital hex": (n) => hash(n).toString("hex").toUpperCase(),
  uuid,
  base64: (n) => hash(n).toString("base64"),
  ulid: (n) =>
    `01HF${(1e8 + n * 977).toString(32).toUpperCase().padStart(8, "0")}${hash(n).toString("hex", 0, 5).toUpperCase()}`,
  "e-mail": (n) =>
    `${pick(["anna", "Bob", "chris.x", "d_1", "Zoë"], n)}${n}@${pick(["a.example", "B.example"], n >> 3)}`,
  addresses: (n) => `https://www.example.com/shop/items/${n}?from=${n % 7}`,
  Chinese: (n) => `${pick(surnames, n)}${given(n)}`,
  "mixed case": (n) => `${pick(["Key", "key", "KEY", "kEy"], n)}-${n}${pick(["", " ", "  "], n)}`,
  accents: (n) => `${pick(["é", "e", "É", "à", "Ä", "ö", "ß", "ñ", "z"], n)}${pick(["o", "ó", "Ö", "u"], n >> 3)}${n}`,
  emoji: word(0x1f300, 0x2ff, 4),
  Thai: word(0x0e01, 0x2e, 6),
  "a crowd between two": (n) => (n === 0 ? "" : n === 1 ? "~~~" : `user/${String(n).padStart(9, "0")}`),
  anything: (n) =>
    pick(["", "a", "A", "\t", "\\", "'", "%", "_", "ﬁ", "ﬀ", "\u00ad", "İ", "ı", "ß", "ss", "😀", "汉"], n) +
    word(0x21, 0x2fff, 5)(n),
};

const kinds: readonly [collation: string, charset: string, shapes: readonly string[]][] = [
  ["utf8mb4_bin", "utf8mb4", ["hex", "ulid", "emoji", "anything"]],
  ["utf8mb4_general_ci", "utf8mb4", Object.keys(shapes)],
  ["utf8mb4_unicode_ci", "utf8mb4", ["e-mail", "mixed case", "accents", "anything"]],
  ["utf8mb4_unicode_520_nopad_ci", "utf8mb4", ["mixed case", "anything"]],
  ["utf8mb4_uca1400_ai_ci", "utf8mb4", ["accents", "Chinese"]],
  ["utf8mb4_0900_ai_ci", "utf8mb4", ["hex", "accents", "Chinese", "mixed case"]],
  ["utf8mb4_swedish_ci", "utf8mb4", ["accents"]],
  ["utf8mb3_general_ci", "utf8mb3", ["uuid", "Chinese", "Thai"]],
  ["latin1_swedish_ci", "latin1", ["capital hex", "mixed case", "accents"]],
  ["ascii_general_ci", "ascii", ["uuid", "base64"]],
  ["gbk_chinese_ci", "gbk", ["Chinese", "hex", "e-mail"]],
  ["gbk_bin", "gbk", ["Chinese"]],
  ["binary", "varbinary", ["hex", "Chinese", "mixed case"]],
];

/** Fills a table with texts, those left out that the collation holds to be there already. */
async function filled(table: string, column: string, shape: string): Promise<void> {
  await database.query(`DROP TABLE IF EXISTS ${table}`);
  await database.query(`CREATE TABLE ${table} (id ${column} PRIMARY KEY, n INT)`);
  const rows = Array.from({ length: ROWS }, (_, n) => [shapes[shape]!(n), n]);
  await database.query(`INSERT IGNORE INTO ${table} VALUES ?`, [rows]);
  await database.query(`ANALYZE TABLE ${table}`);
}

/** Cuts a table and counts, by the server alone, what is in each piece; the checks are sums over rows, so that nothing can pass twice. */
async function cut(table: string, advice = WANTED): Promise<number[]> {
  const side = sideOf(mysql, reader.params, database.source, { table, column: ["n"] });
  const { splits } = await reader.split(side, advice);
  const sums = "COUNT(*), SUM(n), SUM(n * n)";
  const parts: number[][] = [];
  for (const { describe: sql } of splits) {
    const where = /^SELECT .*? FROM (.*) ORDER BY /s.exec(sql)?.[1];
    parts.push((await database.query(`SELECT ${sums} FROM ${where}`))[0]!.map(Number));
  }
  const total = (await database.query(`SELECT ${sums} FROM ${table}`))[0]!.map(Number);
  expect([0, 1, 2].map((at) => parts.reduce((sum, part) => sum + part[at]!, 0))).toEqual(total);
  return parts.map(([size]) => size!);
}

describe("texts as keys are cut into pieces of similar size, and every row is in one of them", () => {
  for (const [collation, charset, wanted] of kinds) {
    test(`${collation}: ${wanted.length > 4 ? "texts of all shapes" : wanted.join(", ")}`, async (context) => {
      if (
        charset !== "varbinary" &&
        !(charsets.has(charset) && [...collations].some((name) => collation.endsWith(name)))
      )
        return declare(context, `this server has no collation ${collation}`);
      const column =
        charset === "varbinary" ? "VARBINARY(80)" : `VARCHAR(80) CHARACTER SET ${charset} COLLATE ${collation}`;
      for (const shape of wanted) {
        await filled("texts", column, shape);
        const sizes = await cut("texts");
        const rows = sizes.reduce((sum, size) => sum + size, 0);
        if (rows < ROWS / 2) continue;
        expect(sizes.length, shape).toBeGreaterThanOrEqual(WANTED - 1);
        expect(Math.max(...sizes), shape).toBeLessThan((rows / WANTED) * 1.8);
      }
    });
  }

  test("keys of hex digits without case fall into as many pieces as in binary order", async () => {
    // Made here: MySQL 9 has put MD5 away.
    const digests = Array.from({ length: 20_000 }, (_, i) => [
      createHash("md5")
        .update(`${i + 1}`)
        .digest("hex"),
      i + 1,
    ]);
    const found: number[] = [];
    for (const collation of ["utf8mb4_bin", "utf8mb4_general_ci"]) {
      await database.query("DROP TABLE IF EXISTS hexes");
      await database.query(`CREATE TABLE hexes (id CHAR(32) COLLATE ${collation} PRIMARY KEY, n INT)`);
      await database.query("INSERT INTO hexes VALUES ?", [digests]);
      await database.query("ANALYZE TABLE hexes");
      found.push((await cut("hexes", 20)).length);
    }
    // What a server knows of an index is a sample of its pages, which differs by some pieces from one ANALYZE to the next. Where digits
    // were taken for letters of a collation, half of the pieces would be missing.
    expect(Math.abs(Number(found[1]) - Number(found[0]))).toBeLessThanOrEqual(5);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(18);
  });
});
