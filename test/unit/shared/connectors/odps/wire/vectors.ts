import type { WireValue } from "../../../../../../shared/connectors/odps/wire/values.js";

/** One record as PyODPS and the Java SDK write it. */
export interface Vector {
  readonly types: readonly string[];
  readonly values: readonly WireValue[];
  /** Bytes before the end-of-record mark, hex. */
  readonly record: string;
  /** Checksum of the record, and the stream's when it holds this record alone, hex. */
  readonly crc: string;
  readonly total: string;
}

const vector = (
  types: string | readonly string[],
  values: WireValue | readonly WireValue[],
  [record, crc, total]: readonly [string, string, string],
): Vector =>
  typeof types === "string"
    ? { types: [types], values: [values as WireValue], record, crc, total }
    : { types, values: values as readonly WireValue[], record, crc, total };

const instant = (text: string) => BigInt(Date.parse(text));
const moment = (text: string, nanos: number) => ({ seconds: BigInt(Date.parse(text) / 1000), nanos });
const text = (value: string) => Buffer.from(value);

/** Vectors 2 to 39 of the protocol's description; 1 and 40 are whole streams. Made by PyODPS 0.13.2 and the Java SDK 0.53.2. */
export const vectors: Readonly<Record<string, Vector>> = {
  "2 nulls": vector(["bigint", "string"], [null, null], ["", "00000000", "48674bc7"]),
  "3 bigint": vector("bigint", 1n, ["0802", "532d1c4a", "810d4324"]),
  "4 bigint": vector("bigint", -1n, ["0801", "de5e9820", "173490c3"]),
  "5 bigint": vector("bigint", 2n ** 63n - 1n, ["08feffffffffffffffff01", "5ca8a358", "7996459f"]),
  "6 bigint": vector("bigint", 1n - 2n ** 63n, ["08fdffffffffffffffff01", "d1db2732", "efaf9678"]),
  "7 narrow": vector(
    ["tinyint", "smallint", "int"],
    [-128n, 32767n, -2147483648n],
    [...(["08ff0110feff0318ffffffff0f", "5f978f97", "9c78822a"] as const)],
  ),
  "8 boolean": vector(["boolean", "boolean"], [true, false], ["08011000", "b7993f8f", "04abc373"]),
  "9 double": vector("double", 1.5, ["09000000000000f83f", "ad6ff93e", "7e1594d4"]),
  "10 NaN": vector("double", Number.NaN, ["09000000000000f87f", "ec14e482", "4944fe7a"]),
  "11 infinity": vector("double", -Infinity, ["09000000000000f0ff", "f3f61c42", "47e03339"]),
  "12 float": vector("float", Math.fround(0.1), ["0dcdcccc3d", "de7d5766", "33583bfb"]),
  "13 string": vector("string", text("abc"), ["0a03616263", "8512da68", "26f96b9e"]),
  "14 empty": vector("string", text(""), ["0a00", "9522e17f", "c514cfad"]),
  "15 unicode": vector("string", text("hé中😀"), ["0a0a68c3a9e4b8adf09f9880", "f617b000", "c2c10a43"]),
  "16 char": vector(
    ["varchar(10)", "char(4)"],
    [text("ab"), text("cd")],
    [...(["0a02616212026364", "1a6c4697", "d4c995f4"] as const)],
  ),
  "17 binary": vector("binary", Buffer.from("00ff80", "hex"), ["0a0300ff80", "f228595e", "e2b9ba59"]),
  "18 decimal": vector("decimal(38,18)", text("-123.450000000000000000"), [
    "0a172d3132332e343530303030303030303030303030303030",
    "34f7a18a",
    "5548e523",
  ]),
  "19 decimal": vector("decimal(20,10)", text("0.0000000001"), [
    "0a0c302e30303030303030303031",
    "2942ef06",
    "edd8ac6f",
  ]),
  "20 decimal": vector("decimal(10,0)", text("42"), ["0a023432", "67065d8a", "3b2e91d6"]),
  "21 date": vector("date", 0n, ["0800", "1a11616d", "b07c9714"]),
  "22 date": vector("date", instant("2024-02-29") / 86_400_000n, ["088cb502", "4a0dc14c", "6d012c46"]),
  "23 date": vector("date", instant("0001-01-01") / 86_400_000n, ["08f3e457", "ef529422", "1fca414b"]),
  "24 datetime": vector("datetime", instant("2024-02-29T12:34:56.789Z"), ["08aad2e2cdbe63", "0b46bcbb", "03ff9a9e"]),
  "25 datetime": vector("datetime", -1n, ["0801", "de5e9820", "173490c3"]),
  "26 timestamp": vector("timestamp", moment("2024-02-29T12:34:56Z", 123456789), [
    "0ae0e783de0caab4de75",
    "6d686a23",
    "6f19f87f",
  ]),
  "26 timestamp_ntz": vector("timestamp_ntz", moment("2024-02-29T12:34:56Z", 123456789), [
    "0ae0e783de0caab4de75",
    "6d686a23",
    "6f19f87f",
  ]),
  "27 before 1970": vector("timestamp", { seconds: -1n, nanos: 500_000_000 }, [
    "0a018094ebdc03",
    "61145038",
    "d547f0f8",
  ]),
  "28 before 1970": vector("timestamp", { seconds: -2n, nanos: 500_000_000 }, [
    "0a038094ebdc03",
    "50658408",
    "274bfd06",
  ]),
  "29 json": vector("json", text('{"a": [1, null, "x"]}'), [
    "0a157b2261223a205b312c206e756c6c2c202278225d7d",
    "a548d979",
    "a2c8fa65",
  ]),
  "30 array": vector("array<string>", [text("a"), null, text("")], ["0a03000161010000", "eece09f8", "5b330ebe"]),
  "31 empty array": vector("array<bigint>", [], ["0a00", "9522e17f", "c514cfad"]),
  "32 map": vector("map<string,bigint>", { keys: [text("k1"), text("k2")], values: [1n, null] }, [
    "0a0200026b3100026b3202000201",
    "4c4db149",
    "445390a6",
  ]),
  "33 struct": vector(
    "struct<a:bigint,b:string,c:double>",
    [7n, null, 0.5],
    [...(["0a000e0100000000000000e03f", "4bd5c7f1", "d41cc3b2"] as const)],
  ),
  "34 nested": vector(
    "array<struct<x:int,y:array<int>>>",
    [[1n, [2n, 3n]], null],
    [...(["0a0200000200020004000601", "d52364b7", "2837fe7f"] as const)],
  ),
  "35 nested": vector("map<string,array<timestamp>>", { keys: [text("t")], values: [[{ seconds: 1n, nanos: 2 }]] }, [
    "0a01000174010001000204",
    "c1323b5a",
    "56f21af8",
  ]),
  "36 months": vector("interval_year_month", 14n, ["081c", "eb4f1d94", "993ab8c5"]),
  "37 days": vector("interval_day_time", { seconds: 86_402n, nanos: 3 }, ["0a84c60a06", "0beac48d", "c0ffae47"]),
  "38 sixteen columns": vector(
    Array.from({ length: 16 }, () => "bigint"),
    Array.from({ length: 16 }, (_, value) => BigInt(value)),
    ["08001002180420062808300a380c400e48105012581460166818701a781c80011e", "c474e1b7", "c00505f4"],
  ),
  "39 vector": vector("vector(float,3)", [1, 2, -0.5], ["0a030000803f00000040000000bf", "f13b509f", "4398806e"]),
};

/** Whole streams, hex. */
export const streams = {
  empty: "f0ffff7f00f8ffff7f00",
  nulls: "80c0ff7f00f0ffff7f02f8ffff7fc7979dc304",
  one: "080280c0ff7fcab8b49905f0ffff7f02f8ffff7fa486b58808",
  oneByPyodps: "080280c0ff7fcab8b49905f0ffff7f02f8ffff7fa486b588f8ffffffff01",
  text: "0a0361626380c0ff7fe8b4cba808f0ffff7f02f8ffff7f9ed7e5b702",
  two: "080212016180c0ff7fea91d2b205080480c0ff7fa3b6a6c308f0ffff7f04f8ffff7ff28be351",
  wrongChecksum: "080280c0ff7fcab8b49906f0ffff7f02f8ffff7fa486b58808",
  wrongCount: "080280c0ff7fcab8b49905f0ffff7f04f8ffff7fa486b58808",
  noFooter: "080280c0ff7fcab8b49905",
} as const;
