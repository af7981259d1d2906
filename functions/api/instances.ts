import { instanceEndpoints } from "../../shared/api/instances.js";
import { readingText } from "../../shared/calendar/planned-at.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { UserError } from "../../shared/model/errors.js";
import { type InstanceRef, viewInstance } from "../../shared/model/instance.js";
import { changeByHand, type HandOrder } from "../../shared/schedule/by-hand/change-instance.js";
import { changeMode } from "../../shared/schedule/by-hand/change-mode.js";
import { listDownstream, rerunDownstream } from "../../shared/schedule/by-hand/rerun-downstream.js";
import { graphOf } from "../../shared/schedule/view/graph.js";
import { listInstancesOfDay, showInstance } from "../../shared/schedule/view/list-instances.js";
import type { ApiContext } from "./context.js";

/** List, show and change instances of jobs. */
export const instanceRoutes: readonly Route<ApiContext>[] = [
  {
    ...instanceEndpoints.instances,
    async handle(request, _names, context) {
      const { date, ...asked } = parseQuery(request, instanceEndpoints.instances.query);
      const { services, workspace } = context;
      const filter = { ...asked, workspace, date: date ?? (await today(context)) };
      return answered(instanceEndpoints.instances, await listInstancesOfDay(services, filter));
    },
  },
  {
    ...instanceEndpoints.instance,
    async handle(_request, names, { services, workspace }) {
      return answered(instanceEndpoints.instance, await showInstance(services, refOf(workspace, names)));
    },
  },
  {
    ...instanceEndpoints.downstream,
    async handle(_request, names, { services, workspace }) {
      const items = await listDownstream(services, refOf(workspace, names));
      return answered(instanceEndpoints.downstream, { items });
    },
  },
  {
    ...instanceEndpoints.rerunInstance,
    async handle(request, names, { services, workspace, caller, audit }) {
      const ref = refOf(workspace, names);
      const { version, downstream, force } = parseBody(request, instanceEndpoints.rerunInstance.body);
      const by = caller.id;
      const behind = downstream ? await rerunDownstream(services, ref, { by, version, force }) : [];
      if (!downstream) await changeByHand(services, ref, { order: { kind: "rerun", version }, by });
      const after = { version, downstream: behind.length };
      await audit({ action: "instance.rerun", object: objectOf(ref), after });
      const instance = await showInstance(services, ref);
      return answered(instanceEndpoints.rerunInstance, { instance, downstream: behind });
    },
  },
  orderRoute(instanceEndpoints.succeedInstance, "succeed"),
  orderRoute(instanceEndpoints.freezeInstance, "freeze"),
  orderRoute(instanceEndpoints.unfreezeInstance, "unfreeze"),
  orderRoute(instanceEndpoints.cancelInstance, "cancel"),
  {
    ...instanceEndpoints.instanceGraph,
    async handle(request, { name = "" }, context) {
      const { date } = parseQuery(request, instanceEndpoints.instanceGraph.query);
      const { services, workspace } = context;
      const ref = { workspace, job: name };
      const graph = await graphOf(services, ref, date ?? (await today(context)));
      return answered(instanceEndpoints.instanceGraph, graph);
    },
  },
  {
    ...instanceEndpoints.changeJobMode,
    async handle(request, { name = "" }, { services, workspace, audit }) {
      const { mode } = parseBody(request, instanceEndpoints.changeJobMode.body);
      await changeMode(services, { workspace, job: name }, mode);
      await audit({ action: "job.mode", object: `job/${name}`, after: { mode } });
      return answered(instanceEndpoints.changeJobMode, { mode });
    },
  },
];

type OrderEndpoint = (typeof instanceEndpoints)[
  | "succeedInstance"
  | "freezeInstance"
  | "unfreezeInstance"
  | "cancelInstance"];

function orderRoute(endpoint: OrderEndpoint, kind: Exclude<HandOrder["kind"], "rerun">): Route<ApiContext> {
  return {
    ...endpoint,
    async handle(_request, names, { services, workspace, caller, audit }) {
      const ref = refOf(workspace, names);
      const after = viewInstance(await changeByHand(services, ref, { order: { kind }, by: caller.id }));
      await audit({ action: `instance.${kind}`, object: objectOf(ref), after: { state: after.state } });
      return answered(endpoint, after);
    },
  };
}

function objectOf({ job, origin, label }: InstanceRef): string {
  return `instance/${job}/${origin}/${label}`;
}

/** @throws UserError NOT_FOUND for what can name no instance */
function refOf(
  workspace: string,
  { name = "", origin = "", label = "" }: Readonly<Record<string, string>>,
): InstanceRef {
  if (/^[a-z][A-Za-z0-9]{0,40}$/.test(origin) && /^\d{4}-\d\d-\d\dT\d\db?:\d\d$/.test(label))
    return { workspace, job: name, origin, label };
  throw new UserError("NOT_FOUND", `"${origin}/${label}" names no instance; expected such as s/2026-11-28T02:30`);
}

async function today({ services, workspace }: ApiContext): Promise<string> {
  const { value: home } = await services.workspaces.get(workspace);
  return readingText(services.now(), home.timeZone).slice(0, 10);
}
