import { Field, Int64, List, RecordBatchStreamWriter, Schema, tableFromIPC, Utf8 } from "apache-arrow";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CRC_START, crcBytes, crcEnd } from "../../../shared/connectors/odps/wire/crc32c.js";
import { type LocalMaxcompute, startLocalMaxcompute } from "../../servers/local-maxcompute.js";
import { ask, makeProject, putRows, sql, streamOf } from "../../servers/maxcompute-client.js";

const project = "sluice_dev";
let local: LocalMaxcompute;
beforeAll(async () => {
  local = await startLocalMaxcompute();
  await sql(
    local,
    project,
    "create table sales (id bigint, name string, amount decimal(10,2), at datetime, big double) partitioned by (ds string)",
  );
  await sql(local, project, "alter table sales add partition (ds='1') partition (ds='2')");
  const types = ["bigint", "string", "decimal(10,2)", "datetime", "double"];
  const row = (id: number) => [
    BigInt(id),
    id % 4 ? Buffer.from(`n${id % 3}`) : null,
    Buffer.from(`${id}.10`),
    BigInt(Date.parse("2024-02-29T00:00:00Z") + id * 1000),
    id / 2,
  ];
  for (const ds of ["1", "2"])
    await putRows(
      local,
      { project, table: "sales", partition: `ds=${ds}` },
      types,
      Array.from({ length: 6 }, (_, i) => row(i + Number(ds) * 10)),
    );
});
afterAll(() => local.close());

const run = (statement: string) => sql(local, project, statement);
const rows = async (statement: string) => (await run(statement)).trimEnd().split("\n").slice(1);

describe("SQL of the local MaxCompute", () => {
  it.each([
    ["select count(*), count(name), count(distinct name) from sales", ["12,9,3"]],
    [
      "select sum(id), sum(amount), min(amount), max(at), avg(big) from sales where ds = '1'",
      ["75,75.6,10.10,2024-02-29 08:00:15,6.25"],
    ],
    ["select id from sales where name is null order by id desc limit 2", ["24", "20"]],
    [
      "select name, count(*) c from sales where name is not null group by name order by c desc, name",
      ['"n1",4', '"n2",3', '"n0",2'],
    ],
    [
      "select id from sales where (id between 11 and 13 or amount >= 25.1) and not id = 12 order by id",
      ["11", "13", "25"],
    ],
    ["select id from sales where name in ('n1', 'n9') and ds <> '2' order by id", ["10", "13"]],
    ["select id from sales where name like '%2' and at < '2024-02-29 08:00:20' order by id", ["11", "14"]],
    ["select id, ds from sales where big = 5.5", ['11,"1"']],
    ["select id as a, name from sales where id > 24", ['25,"n1"']],
    ["select sum(id) from sales where id > 1000", ["\\N"]],
    ["select 1, 'x', null", ['1,"x",\\N']],
  ])("%s", async (statement, expected) => {
    expect(await rows(statement)).toEqual(expected);
  });

  it.each([
    ["select a.id from sales a join sales b on a.id = b.id", "no join"],
    ["select upper(name) from sales", "no function upper"],
    ["select id + 1 from sales", "no operator +"],
    ["select distinct id from sales", "no SELECT DISTINCT"],
    ["update sales set id = 1", "no statement UPDATE"],
    ["delete from sales", "no statement DELETE"],
    ["merge into sales using x on 1 = 1", "no statement MERGE"],
    ["insert into sales values (1)", "PARTITION names all of them"],
    ["insert into sales partition (ds) values (1, 'a', 1, null, 1)", "5 values for 6 columns"],
    ["insert into sales partition (ds='1') values ('x', 'a', 1, null, 1)", '"x" does not fit bigint, column id'],
    ["insert into sales partition (ds='1') values (1, 'a', 1.234, null, 1)", '"1.234" does not fit decimal(10,2)'],
    ["insert into sales partition (ds='1') values (9223372036854775808, 'a', 1, null, 1)", "does not fit bigint"],
    ["insert into sales partition (ds='1') values (id, 'a', 1, null, 1)", "VALUES takes literals, not a column"],
    ["insert into sales partition (ds='1') (id, id) values (1, 1)", "id is named twice"],
    ["insert into sales partition (ds='1') (nope) values (1)", "nope cannot be resolved"],
    ["insert into sales partition (ds) (id, ds) values (1, '2')", "ds cannot be resolved"],
    ["insert into sales partition (ds) (id) values (1, '')", "the value of ds is NULL or empty"],
    [
      "insert into sales partition (ds='1') select at, name, amount, at, big from sales",
      "no conversion of datetime to bigint",
    ],
    ["insert overwrite table sales partition (ds='1') values (1, 'a', 1, null, 1)", "no INSERT OVERWRITE … VALUES"],
    ["insert into nobody values (1)", "ODPS-0130131"],
    ["insert into sales partition (ds='1') with x as (select 1) select 1", "no WITH in INSERT"],
    ["create table x as select * from sales", "no CREATE TABLE … AS SELECT"],
    ["select nope from sales", "column nope cannot be resolved"],
    ["select name, count(*) from sales", "is not in GROUP BY"],
    ["select * from nobody", "ODPS-0130131"],
    ["create table sales (id bigint)", "ODPS-0130211"],
    ["create table odd (id text)", "invalid type text"],
    ["create table odd (id bigint, ID bigint)", "named twice"],
    ["alter table sales add partition (ds='1')", "already exists"],
    ["alter table sales add partition (day='1')", "have the keys ds"],
    ["select id from sales where", "Parse exception"],
    ["", "empty"],
  ])("refuses by name: %s", async (statement, words) => {
    await expect(run(statement)).rejects.toThrow(words);
  });

  it("adds and replaces rows: values and queries, partitions named and told", async () => {
    await run(
      "create table kept (id bigint, name varchar(4), amount decimal(10,2), at datetime, seen timestamp, ok boolean, big float, n int not null) partitioned by (ds string, hh string)",
    );
    await run(
      `insert into table kept partition (ds='1', hh='a') values (1, 'one', -1.5, '2024-02-29 12:00:00', '2024-02-29 12:00:00.123456789', true, 0.5, 1),
       (2, null, 3, null, null, false, 1e3, -7)`,
    );
    await run("insert into kept partition (ds='1', hh) (n, id) values (3, 4, 'b'), (5, 6, 'a')");
    expect(await rows("select id, name, amount, at, seen, ok, big, n, hh from kept order by id")).toEqual([
      '1,"one",-1.5,2024-02-29 12:00:00,2024-02-29 12:00:00.123456789,true,0.5,1,"a"',
      '2,\\N,3,\\N,\\N,false,1000,-7,"a"',
      '4,\\N,\\N,\\N,\\N,\\N,\\N,3,"b"',
      '6,\\N,\\N,\\N,\\N,\\N,\\N,5,"a"',
    ]);
    await run("create table copied (id string, n bigint, total double)");
    await run("insert into copied select id, n, n from kept where ds = '1'");
    await run("insert overwrite table copied select id, n, total from copied where n > 1");
    expect(await rows("select id, n, total from copied order by n")).toEqual(['"4",3,3', '"6",5,5']);
    await run(
      "insert overwrite table kept partition (ds='1', hh) select id, null, n, null, null, null, 1, n, 'b' from copied",
    );
    expect(await rows("select hh, count(*) c from kept group by hh order by hh")).toEqual(['"a",3', '"b",2']);
    await run(
      "insert overwrite table kept partition (ds='1', hh='a') select id, null, null, null, null, null, null, n from copied where n > 99",
    );
    expect(await rows("select count(*) from kept where hh = 'a'")).toEqual(["0"]);
    for (const [statement, words] of [
      ["insert into kept partition (ds='1', hh='a') (id) values (1)", "Not null column n got a NULL"],
      [
        "insert into kept partition (ds='1', hh='a') (n, name) values (1, 'longer')",
        '"longer" does not fit varchar(4)',
      ],
      ["insert into kept partition (ds, hh='a') (n) values (1, 'x')", "come behind those with a value"],
      ["insert into copied partition (ds='1') values ('1', 1, 1)", "copied has no partitions"],
      ["insert into kept partition (ds='1', hh='a') (n) values (2147483648)", "does not fit int"],
      ["insert overwrite table copied (id) select id from copied", "takes no list of columns"],
    ] as const)
      await expect(run(statement)).rejects.toThrow(words);
    await run("drop table kept");
    await run("drop table copied");
  });

  it("changes tables", async () => {
    await run("create table if not exists made (id bigint not null comment 'key') comment 'c' lifecycle 3");
    await run("create table if not exists made (id bigint)");
    for (const change of ["add columns (note string)", "set lifecycle 5", "set comment 'd'", "rename to other"])
      await run(`alter table made ${change}`);
    expect(await run("desc other")).toContain("| note | string |");
    await run("drop table other");
    await run("drop table if exists other");
    expect(await run("show tables")).not.toContain("other");
    expect((await run("show partitions sales")).split("\n")).toEqual(["ds=1", "ds=2"]);
  });
});

describe("the tunnel of the local MaxCompute", () => {
  const path = `/projects/${project}/tables/sales`;
  const tunnel = () => ({ endpoint: local.endpoint.replace(/\/api$/, ""), key: local.key });
  const codeOf = async (...request: Parameters<typeof ask>) => {
    const { status, body } = await ask(...request);
    return `${status} ${/"Code":"([^"]+)"|<Code>([^<]+)/.exec(body.toString())?.slice(1).join("")}`;
  };
  const begun = async (partition = "ds=1") => {
    const { body } = await ask(tunnel(), { method: "POST", path, query: { uploads: "", partition } });
    return (JSON.parse(body.toString()) as { UploadID: string }).UploadID;
  };

  it("refuses what the service refuses, by its codes", async () => {
    const uploadid = await begun();
    const put = (query: Record<string, string>, body: Buffer) =>
      codeOf(tunnel(), { method: "PUT", path, query: { uploadid, partition: "ds=1", ...query }, body });
    const good = streamOf(["bigint"], [[1n]]);
    expect(await put({ blockid: "20000" }, good)).toBe("400 InvalidBlockID");
    expect(await put({ blockid: "0" }, good.subarray(0, -3))).toBe("400 MalformedDataStream");
    expect(await put({ blockid: "0", partition: "ds=2" }, good)).toBe("400 InvalidResourceSpec");
    const huge = streamOf(["bigint", "string"], [[1n, Buffer.alloc(8 * 1024 * 1024 + 1, 120)]]);
    expect(await put({ blockid: "0" }, huge)).toBe("400 MalformedDataStream");
    const post = (query: Record<string, string>) => codeOf(tunnel(), { method: "POST", path, query });
    expect(await post({ uploads: "" })).toBe("400 MissingPartitionSpec");
    expect(await post({ uploads: "", partition: "ds=9" })).toBe("404 NoSuchPartition");
    expect(await post({ uploadid: "nobody", partition: "ds=1" })).toBe("404 NoSuchUpload");
    local.setClock(Date.now() + 25 * 3_600_000);
    expect(await post({ uploadid, partition: "ds=1" })).toBe("409 StatusConflict");
    local.setClock(null);
    expect(await codeOf({ ...local, key: { ...local.key, accessKey: "wrong" } }, { path })).toBe("401 ODPS-0410042");
    expect(await codeOf({ ...local, key: { ...local.key, accessId: "nobody" } }, { path })).toBe("401 ODPS-0410051");
    expect(await codeOf(local, { path: "/projects/nobody/tables" })).toBe("404 ODPS-0420111");
  });

  /** The messages in a stream of chunks, whose checksums are all right. */
  function messagesOf(stream: Buffer): Buffer {
    const size = stream.readUInt32BE(0);
    const crc = (bytes: Buffer) => crcEnd(crcBytes(CRC_START, bytes, 0, bytes.length));
    const chunks: Buffer[] = [];
    let at = 4;
    for (; stream.length - at >= size + 4; at += size + 4) {
      chunks.push(stream.subarray(at, at + size));
      expect(stream.readUInt32BE(at + size)).toBe(crc(stream.subarray(at, at + size)));
    }
    chunks.push(stream.subarray(at, -4));
    expect(stream.readUInt32BE(stream.length - 4)).toBe(crc(Buffer.concat(chunks)));
    return Buffer.concat(chunks);
  }

  it("sends Arrow to who asks for it: batches behind a schema that is the session's", async () => {
    await sql(local, project, "create table framed (id bigint, name string, at timestamp, tags array<string>)");
    const moment = { seconds: 1_709_210_096n, nanos: 5 };
    const sent = Array.from({ length: 20_000 }, (_, i) => {
      return [BigInt(i), i % 3 ? Buffer.from(`name ${i}`) : null, moment, [Buffer.from("a"), null]];
    });
    await putRows(local, { project, table: "framed" }, ["bigint", "string", "timestamp", "array<string>"], sent);
    const framed = `/projects/${project}/tables/framed`;
    const session = await ask(tunnel(), { method: "POST", path: framed, query: { downloads: "" } });
    const { DownloadID: downloadid } = JSON.parse(session.body.toString()) as { DownloadID: string };
    const query = { data: "", arrow: "", downloadid, rowrange: "(5,19990)", columns: "tags,id,name" };
    const { body, status } = await ask(tunnel(), { path: framed, query, headers: { "accept-encoding": "identity" } });
    expect(status).toBe(200);
    const text = new Field("item", new Utf8(), true);
    const schema = new Schema([
      new Field("id", new Int64(), true),
      new Field("name", new Utf8(), true),
      new Field("tags", new List(text), true),
    ]);
    const empty = new RecordBatchStreamWriter();
    empty.reset(undefined, schema);
    empty.finish();
    const head = empty.toUint8Array(true);
    const found = tableFromIPC(Buffer.concat([head.subarray(0, head.length - 8), messagesOf(body)])).toArray();
    expect(found).toHaveLength(19_990);
    expect([found[0]?.id, found[0]?.name, found[19_989]?.id]).toEqual([5n, "name 5", 19_994n]);
    expect([found[1]?.name, [...(found[1]?.tags ?? [])]]).toEqual([null, ["a", null]]);
    const odd = await codeOf(tunnel(), { path: framed, query: { ...query, columns: "nope" } });
    expect(odd).toBe("400 InvalidColumnSpec");
    await sql(local, project, "create table months (gap interval_year_month)");
    await putRows(local, { project, table: "months" }, ["interval_year_month"], [[14n]]);
    const other = `/projects/${project}/tables/months`;
    const begun = await ask(tunnel(), { method: "POST", path: other, query: { downloads: "" } });
    const { DownloadID } = JSON.parse(begun.body.toString()) as { DownloadID: string };
    const asked = { data: "", arrow: "", downloadid: DownloadID, rowrange: "(0,1)" };
    expect(await codeOf(tunnel(), { path: other, query: asked })).toBe("405 MethodNotAllowed");
    const put = {
      method: "PUT",
      path: other,
      query: { uploadid: "x", blockid: "0", arrow: "" },
      body: Buffer.alloc(4),
    };
    expect(await codeOf(tunnel(), put)).toBe("405 MethodNotAllowed");
  });

  it("begins 500 sessions for a table in five minutes, and makes projects of good names", async () => {
    await sql(local, project, "create table busy (id bigint)");
    const request = { method: "POST", path: `/projects/${project}/tables/busy`, query: { uploads: "" } };
    for (let i = 0; i < 500; i += 50) await Promise.all(Array.from({ length: 50 }, () => ask(tunnel(), request)));
    expect(await codeOf(tunnel(), request)).toBe("429 FlowExceeded");
    await makeProject(local, "shop");
    expect(await sql(local, "shop", "show tables")).toBe("");
    await expect(makeProject(local, "1shop")).rejects.toThrow("project name");
  });
});
