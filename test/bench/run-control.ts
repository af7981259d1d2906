import { job } from "../servers/sluice.js";
import { median, type Result, type Stage, seconds } from "./stage.js";

const out: [string, object] = ["stream", { print: false }];
const records = (count: number, value: string, speed: object) =>
  job(["stream", { sliceRecordCount: count, column: [{ type: "string", value }] }], out, { speed });

/** What the tests leave to idle machines: how soon a run that is cancelled ends, and how much of a throttle's limit is used. */
export async function benchRunControl(stage: Stage): Promise<Result[]> {
  return [await cancelTime(stage), await throttleUse(stage)];
}

async function cancelTime({ sluice, repeat }: Stage): Promise<Result> {
  const times: number[] = [];
  for (let i = 0; i < repeat; i++) {
    const id = await sluice.start({ script: records(2_000_000_000, "x", { concurrent: 1 }) });
    const read = async () => (await sluice.call("GET", `/v1/runs/${id}`)).body.run.counters.read;
    while ((await read()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    times.push(
      await seconds(async () => {
        await sluice.call("POST", `/v1/runs/${id}/cancel`);
        await sluice.ended(id);
      }),
    );
  }
  const middle = median(times);
  return {
    what: "from the wish to cancel a run at work to `cancelled`, p50",
    measured: `${middle.toFixed(1)} s`,
    bar: "≤ 3 s",
    isMet: middle <= 3,
  };
}

async function throttleUse({ sluice }: Stage): Promise<Result> {
  const script = records(20_000, "x".repeat(1024), { concurrent: 1, throttle: true, mbps: "2" });
  const { run, splits } = await sluice.run(script);
  const [split] = splits;
  const tookMs = Date.parse(split?.endedAt ?? "") - Date.parse(split?.startedAt ?? "");
  const share = run.counters.bytes / 2 ** 20 / (tookMs / 1000) / 2;
  return {
    what: "throughput under a throttle of 2 MB/s, as a share of it",
    measured: `${(share * 100).toFixed(0)} %`,
    bar: "90 to 110 %",
    isMet: share >= 0.9 && share <= 1.1,
  };
}
