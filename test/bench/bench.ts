// The benchmark: `npm run bench`, or `npm run bench -- --only latency --scale 0.1 --repeat 3` for a part at a smaller size.
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { benchApiLoad, benchBesideOthers } from "./api-load.js";
import { benchColdStart } from "./cold-start.js";
import { benchLocalCloud, serveLocalCloud } from "./local-cloud.js";
import { benchMaxcompute } from "./maxcompute.js";
import { benchMysqlCopy } from "./mysql-copy.js";
import { benchCsvLoad, benchDirty, benchLatency, benchMemory } from "./other-benches.js";
import { benchPostgresCopy } from "./postgresql-copy.js";
import { benchRunControl } from "./run-control.js";
import { benchSchedule } from "./schedule.js";
import { openStage, type Result, type Stage } from "./stage.js";

const benches: Readonly<Record<string, (stage: Stage) => Promise<Result[]>>> = {
  latency: benchLatency,
  coldStart: benchColdStart,
  localCloud: benchLocalCloud,
  copy: benchMysqlCopy,
  postgresql: benchPostgresCopy,
  maxcompute: benchMaxcompute,
  csv: benchCsvLoad,
  dirty: benchDirty,
  memory: benchMemory,
  control: benchRunControl,
  schedule: benchSchedule,
  api: benchApiLoad,
  crowd: benchBesideOthers,
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      scale: { type: "string", default: "1" },
      repeat: { type: "string", default: "5" },
      // For the benchmark's own child.
      serve: { type: "string" },
    },
  });
  if (values.serve !== undefined) return serveLocalCloud(values.serve);
  const names = values.only === undefined ? Object.keys(benches) : values.only.split(",");
  const stage = await openStage(Number(values.scale), Number(values.repeat));
  const results: Result[] = [];
  try {
    for (const name of names) {
      const bench = benches[name];
      if (!bench) throw new Error(`no benchmark "${name}"; there are ${Object.keys(benches).join(", ")}`);
      console.error(`running ${name} …`);
      results.push(...(await bench(stage)));
    }
  } finally {
    await stage.close();
  }
  const text = report(results, stage);
  console.log(text);
  if (values.only === undefined && stage.scale === 1)
    await writeFile(path.resolve(import.meta.dirname, "../../docs/benchmarks.md"), text);
}

function report(results: readonly Result[], { repeat, scale }: Stage): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
  const verdict = (isMet: boolean | null) => (isMet === null ? "" : isMet ? "met" : "**missed**");
  return [
    "# Benchmarks",
    "",
    "Written by `npm run bench`. Database, peers, local cloud and functions share one machine and take turns; times are medians, ratios are of times of one run.",
    "",
    `Machine: ${machine}. Repetitions: ${repeat}. Scale: ${scale}.`,
    "",
    "| what | measured | bar | |",
    "|---|---|---|---|",
    ...results.map(({ what, measured, bar, isMet }) => `| ${what} | ${measured} | ${bar} | ${verdict(isMet)} |`),
    "",
  ].join("\n");
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
