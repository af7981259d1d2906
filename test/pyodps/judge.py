"""PyODPS, unmodified, against the local MaxCompute: what it cannot do there is a fault of the local MaxCompute."""

import datetime
import os
import sys
import traceback
from decimal import Decimal

import odps
from odps import ODPS, errors, options
from odps.models import TableSchema

options.tunnel.require_stream_footer = True
options.local_timezone = False

ID, SECRET, ENDPOINT = (os.environ[name] for name in ("ODPS_ID", "ODPS_SECRET", "ODPS_ENDPOINT"))
client = ODPS(ID, SECRET, project="sluice_dev", endpoint=ENDPOINT)
done = []
failed = []


def check(title):
    def run(body):
        try:
            more = body()
            done.append(title if more is None else "%s: %s" % (title, more))
        except Exception:
            failed.append("%s\n%s" % (title, traceback.format_exc()))
        return body

    return run


def expect(seen, wanted):
    assert seen == wanted, "found %r, expected %r" % (seen, wanted)


def expect_error(kind, call):
    try:
        call()
    except kind as error:
        return error
    raise AssertionError("no %s" % kind.__name__)


@check("projects")
def _():
    expect(client.exist_project("sluice_dev"), True)
    expect(client.exist_project("no_such_project"), False)
    expect(client.get_project().name, "sluice_dev")


@check("create, list, describe and drop tables")
def _():
    client.delete_table("plain", if_exists=True)
    table = client.create_table("plain", "id bigint, name string comment 'who'", comment="a table", lifecycle=3)
    expect(client.exist_table("plain"), True)
    expect(client.exist_table("nobody"), False)
    expect("plain" in [one.name for one in client.list_tables()], True)
    table.reload()
    expect([(c.name, str(c.type).lower()) for c in table.table_schema.columns], [("id", "bigint"), ("name", "string")])
    expect(table.comment, "a table")
    expect(table.lifecycle, 3)
    client.create_table("plain", "id bigint, name string", if_not_exists=True)
    expect_error(errors.ODPSError, lambda: client.create_table("plain", "id bigint"))
    client.delete_table("plain")
    expect(client.exist_table("plain"), False)
    expect_error(errors.NoSuchObject, lambda: client.get_table("plain").reload())


TYPES = [
    ("a_bigint", "bigint", 2**63 - 1),
    ("a_int", "int", -(2**31)),
    ("a_smallint", "smallint", 32767),
    ("a_tinyint", "tinyint", -128),
    ("a_boolean", "boolean", True),
    ("a_float", "float", 0.5),
    ("a_double", "double", 1.1),
    ("a_string", "string", "h\u00e9\u4e2d\U0001f600"),
    ("a_varchar", "varchar(20)", "ab"),
    ("a_char", "char(4)", "abcd"),
    ("a_binary", "binary", b"\x00\xff\x80"),
    ("a_decimal", "decimal(38,18)", Decimal("-123.45")),
    ("a_small_decimal", "decimal(20,10)", Decimal("1E-10")),
    ("a_date", "date", datetime.date(2024, 2, 29)),
    ("a_datetime", "datetime", datetime.datetime(2024, 2, 29, 12, 34, 56, 789000)),
    ("a_array", "array<string>", ["a", None, ""]),
    ("a_map", "map<string,bigint>", {"k1": 1, "k2": None}),
]


@check("write and read every type, and nulls")
def _():
    client.delete_table("typed", if_exists=True)
    schema = TableSchema.from_lists([n for n, _, _ in TYPES], [t for _, t, _ in TYPES])
    table = client.create_table("typed", schema)
    with table.open_writer() as writer:
        writer.write([[value for _, _, value in TYPES], [None for _ in TYPES]])
    with table.open_reader() as reader:
        expect(reader.count, 2)
        rows = [list(record.values) for record in reader]
    expect(rows[0], [value for _, _, value in TYPES])
    expect(rows[1], [None for _ in TYPES])


@check("timestamps before and after 1970 to the nanosecond")
def _():
    import pandas as pd

    client.delete_table("moments", if_exists=True)
    table = client.create_table("moments", "at timestamp, wall timestamp_ntz")
    values = [pd.Timestamp("2024-02-29 12:34:56.123456789"), pd.Timestamp("1970-01-01 00:00:01.5")]
    with table.open_writer() as writer:
        writer.write([[value, value] for value in values])
    with table.open_reader() as reader:
        expect([[pd.Timestamp(cell) for cell in record.values] for record in reader], [[v, v] for v in values])


@check("several blocks, out of order, compressed, and overwriting")
def _():
    from odps.tunnel import CompressOption, TableTunnel

    client.delete_table("blocks", if_exists=True)
    table = client.create_table("blocks", "id bigint, name string")
    tunnel = TableTunnel(client)
    session = tunnel.create_upload_session("blocks")
    for block in (7, 0, 3):
        with session.open_record_writer(block, compress=True) as writer:
            for i in range(100):
                record = table.new_record([block * 1000 + i, "name %d" % i])
                writer.write(record)
    session.commit([0, 3, 7])
    expect_error(errors.ODPSError, lambda: session.commit([0, 3, 7]))
    with table.open_reader(compress_option=CompressOption()) as reader:
        expect([r[0] for r in reader][:3] + [reader.count], [0, 1, 2, 300])
        expect([r[0] for r in reader[100:102]], [3000, 3001])
    with table.open_writer(overwrite=True) as writer:
        writer.write([[1, "only"]])
    with table.open_reader() as reader:
        expect([list(r.values) for r in reader], [[1, "only"]])
    with table.open_reader(columns=["name"]) as reader:
        expect([list(r.values) for r in reader], [["only"]])


@check("partitions: made, listed, written, read, dropped")
def _():
    client.delete_table("parts", if_exists=True)
    table = client.create_table("parts", ("id bigint, name string", "ds string, hh bigint"))
    table.create_partition("ds='20240229',hh='1'")
    table.create_partition("ds=20240229,hh=1", if_not_exists=True)
    expect_error(errors.ODPSError, lambda: table.create_partition("ds=20240229,hh=1"))
    with table.open_writer(partition="ds=20240301,hh=2", create_partition=True) as writer:
        writer.write([[1, "x"], [2, None]])
    expect(sorted(p.name for p in table.partitions), ["ds='20240229',hh='1'", "ds='20240301',hh='2'"])
    expect(table.exist_partition("ds=20240301,hh=2"), True)
    expect(table.exist_partition("ds=20240301,hh=3"), False)
    expect([p.name for p in table.iterate_partitions("ds=20240301")], ["ds='20240301',hh='2'"])
    expect(table.get_max_partition().name, "ds='20240301',hh='2'")
    with table.open_reader(partition="ds=20240301,hh=2") as reader:
        expect([list(r.values) for r in reader], [[1, "x", "20240301", "2"], [2, None, "20240301", "2"]])
    expect_error(errors.ODPSError, lambda: table.open_reader(partition="ds=none,hh=1"))
    table.truncate(partition_spec="ds=20240301,hh=2")
    with table.open_reader(partition="ds=20240301,hh=2") as reader:
        expect(reader.count, 0)
    table.delete_partition("ds=20240229,hh=1")
    expect([p.name for p in table.partitions], ["ds='20240301',hh='2'"])


@check("SQL: select, where, order, group, limit, through tunnel and result")
def _():
    client.delete_table("orders", if_exists=True)
    table = client.create_table("orders", ("id bigint, amount double, customer string", "ds string"))
    for day in ("a", "b"):
        with table.open_writer(partition="ds=%s" % day, create_partition=True) as writer:
            writer.write([[i, i / 2, "c%d" % (i % 3)] for i in range(10)])
    def rows(sql, **kw):
        with client.execute_sql(sql).open_reader(**kw) as reader:
            return [list(r.values) for r in reader]
    expect(rows("select count(*) from orders", tunnel=True), [[20]])
    expect(rows("select count(*) as n, sum(amount) s from orders where ds='a'", tunnel=True), [[10, 22.5]])
    expect(rows("select id, customer from orders where ds = 'a' and id >= 7 order by id desc limit 2", tunnel=True),
           [[9, "c0"], [8, "c2"]])
    expect(rows("select customer, count(*), min(id), max(id) from orders group by customer order by customer",
                tunnel=True), [["c0", 8, 0, 9], ["c1", 6, 1, 7], ["c2", 6, 2, 8]])
    expect(rows("select id from orders where ds='b' and (customer in ('c1') or id is null) and not id = 1 order by id",
                tunnel=True), [[4], [7]])
    expect(rows("select id, customer from orders where ds='a' order by id limit 2", tunnel=False),
           [["0", "c0"], ["1", "c1"]])
    expect_error(errors.ODPSError, lambda: client.execute_sql("select * from nobody"))
    error = expect_error(errors.ODPSError, lambda: client.execute_sql("select a.id from orders a join orders b on 1=1"))
    expect("join" in str(error), True)


@check("SQL: statements that change, with settings and hints")
def _():
    client.execute_sql("set odps.sql.type.system.odps2=true; drop table if exists made;")
    client.execute_sql("create table made (id bigint, at datetime) partitioned by (ds string)", hints={"x.y": "1"})
    client.execute_sql("alter table made add if not exists partition (ds='1') partition (ds='2')")
    client.execute_sql("alter table made add columns (note string)")
    expect([c.name for c in client.get_table("made").table_schema.simple_columns], ["id", "at", "note"])
    client.execute_sql("alter table made drop if exists partition (ds='1')")
    expect([p.name for p in client.get_table("made").partitions], ["ds='2'"])
    instance = client.run_sql("truncate table made")
    instance.wait_for_success()
    expect(instance.is_successful(), True)


def to_pandas_of(arrow):
    frame = client.get_table("orders").to_pandas(partition="ds=a", arrow=arrow)
    expect(sorted(frame["id"]), list(range(10)))
    expect(sorted(frame["amount"]), [i / 2 for i in range(10)])
    expect(set(frame["customer"]), {"c0", "c1", "c2"})
    few = client.get_table("orders").to_pandas(partition="ds=a", columns=["customer", "id"], start=2, count=3, arrow=arrow)
    expect((list(few.columns)[:2], list(few["id"])), (["customer", "id"], [2, 3, 4]))
    whole = client.execute_sql("select id, amount, customer from orders where ds = 'b' order by id").to_pandas(arrow=arrow)
    expect((list(whole["id"]), list(whole["customer"])[:3]), (list(range(10)), ["c0", "c1", "c2"]))
    # The client appends keys of partitions to records, not to Arrow.
    expect((len(frame), list(frame.columns)), (10, ["id", "amount", "customer"] + ([] if arrow else ["ds"])))
    with client.execute_sql("select customer, sum(id) total from orders group by customer").open_reader(
        tunnel=True
    ) as reader:
        result = reader.to_pandas()
    expect(sorted(zip(result["customer"], result["total"])), [("c0", 36), ("c1", 24), ("c2", 30)])


try:
    import pyarrow
except ImportError:
    pyarrow = None


@check("to_pandas, of a table and of a result")
def _():
    to_pandas_of(False)
    if pyarrow is None:
        return "with records; NOT with Arrow, since pyarrow is not installed"
    to_pandas_of(True)
    return "with records and with Arrow"


@check("Arrow: every type that the client has one for, nulls, several pages, compressed, moments to the nanosecond")
def _():
    if pyarrow is None:
        return "NOT tried, since pyarrow is not installed"
    import pandas as pd

    typed = client.get_table("typed")
    with typed.open_reader(arrow=True) as reader:
        rows = reader.read_all().to_pylist()
    as_python = {n: v for n, _, v in TYPES}
    seen = dict(rows[0])
    expect(sorted(seen), sorted(as_python))
    for name in as_python:
        if name == "a_map":
            expect(dict(seen[name]), as_python[name])
        else:
            expect((name, seen[name]), (name, as_python[name]))
    expect(set(rows[1].values()), {None})
    with client.get_table("moments").open_reader(arrow=True) as reader:
        moments = reader.read_all().to_pandas()
    expect(moments["at"].iloc[0].value % 10**9, 123456789)
    expect(moments["wall"].iloc[1], pd.Timestamp("1970-01-01 00:00:01.5"))
    client.delete_table("large", if_exists=True)
    large = client.create_table("large", "id bigint, text string, deep array<struct<a:int,b:array<string>>>, n decimal(20,3)")
    with large.open_writer() as writer:
        writer.write([[i, "t" * (i % 50) if i % 7 else None, [{"a": i, "b": [str(i), None]}] if i % 3 else None, Decimal(i) / 8] for i in range(30000)])
    for compress in (False, True):
        with large.open_reader(arrow=True) as reader:
            table = reader.read_all() if not compress else None
        if compress:
            from odps.tunnel import TableTunnel

            session = TableTunnel(client).create_download_session("large")
            with session.open_arrow_reader(5, 29000, compress=True) as reader:
                table = reader.read()
        ids = table.column("id").to_pylist()
        expect(ids, list(range(30000)) if not compress else list(range(5, 29005)))
        row = table.slice(1000, 1).to_pylist()[0]
        i = row["id"]
        expect(row["text"], "t" * (i % 50) if i % 7 else None)
        expect(row["deep"], [{"a": i, "b": [str(i), None]}] if i % 3 else None)
        expect(row["n"], Decimal(i) / 8)

    def upload():
        with large.open_writer(arrow=True) as writer:
            writer.write(table)

    expect("no uploads as Arrow" in str(expect_error(errors.ODPSError, upload)), True)


@check("INSERT, of values and of a query")
def _():
    client.execute_sql("drop table if exists inserted")
    client.execute_sql("create table inserted (id bigint, name string) partitioned by (ds string)")
    client.execute_sql("insert into table inserted partition (ds='1') values (1, 'a'), (2, null)")
    client.execute_sql("insert overwrite table inserted partition (ds) select id, name, '2' from inserted where ds = '1'")
    with client.get_table("inserted").open_reader(partition="ds=2") as reader:
        expect([list(r.values) for r in reader], [[1, "a", "2"], [2, None, "2"]])
    with client.execute_sql("select count(*) from inserted").open_reader(tunnel=True) as reader:
        expect([r[0] for r in reader], [4])
    expect_error(errors.ODPSError, lambda: client.execute_sql("insert into inserted values (1, 'a')"))


@check("ten thousand records, and write_table and read_table")
def _():
    client.delete_table("many", if_exists=True)
    table = client.create_table("many", "id bigint, name string")
    client.write_table("many", [[i, "n%d" % i] for i in range(10000)])
    expect(sum(1 for _ in client.read_table("many")), 10000)
    expect([r[0] for r in client.read_table("many", limit=3)], [0, 1, 2])


@check("version 4 of the signature")
def _():
    regional = ODPS(ID, SECRET, project="sluice_dev", endpoint=ENDPOINT, region_name="cn-hangzhou")
    expect(regional.exist_table("orders"), True)


@check("wrong keys are refused")
def _():
    for wrong in (ODPS(ID, "wrong", project="sluice_dev", endpoint=ENDPOINT), ODPS("nobody", SECRET, project="sluice_dev", endpoint=ENDPOINT)):
        expect_error(errors.ODPSError, lambda: list(wrong.list_tables()))


@check("schemas below a project")
def _():
    three = ODPS(ID, SECRET, project="three_layers", endpoint=ENDPOINT, schema="sales")
    three.execute_sql("create schema if not exists sales", default_schema="default")
    three.execute_sql("drop table if exists sales.orders")
    three.execute_sql("create table sales.orders (id bigint)")
    table = three.get_table("orders", schema="sales")
    with table.open_writer() as writer:
        writer.write([[1], [2]])
    with table.open_reader() as reader:
        expect([r[0] for r in reader], [1, 2])
    expect([one.name for one in three.list_tables(schema="sales")], ["orders"])
    expect("sales" in [one.name for one in three.list_schemas()], True)


print("PyODPS %s: %d checks" % (odps.__version__, len(done)))
for title in done:
    print("  %s" % title)
sys.stdout.flush()
if failed:
    sys.exit("\n".join(failed))
