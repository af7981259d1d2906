import path from "node:path";
import { bundleSizes } from "../../infra/deploy/bundle-sizes.js";
import { median, type Result, type Stage, seconds } from "./stage.js";

/** From the start of an API process to its first answer, which reads from Tablestore. */
export async function benchColdStart({ sluice, repeat }: Stage): Promise<Result[]> {
  const first = () =>
    seconds(async () => {
      const { status } = await sluice.call("GET", "/v1/runs?limit=1");
      if (status !== 200) throw new Error(`the API answers ${status}`);
    });
  await first();
  const times: number[] = [];
  for (let i = 0; i < Math.max(5, repeat); i++) {
    sluice.cloud.killInstances("sluice-dev-api");
    await new Promise((resolve) => setTimeout(resolve, 200));
    times.push((await first()) * 1000);
  }
  const warm = (await first()) * 1000;
  const cold = median(times);
  return [
    {
      what: `cold start of the API: no process, request to answer (warm: ${warm.toFixed(0)} ms)`,
      measured: `${cold.toFixed(0)} ms`,
      bar: "≤ 700 ms",
      isMet: cold <= 700,
    },
    ...sizes(),
  ];
}

function sizes(): Result[] {
  return bundleSizes(path.resolve(import.meta.dirname, "../../dist/functions")).map(({ name, bytes, budget }) => ({
    what: `code that ${name} loads at its start`,
    measured: `${(bytes / 1e6).toFixed(2)} MB`,
    bar: `≤ ${budget / 1e6} MB`,
    isMet: bytes <= budget,
  }));
}
