import type { z } from "zod";
import { scriptEndpoints } from "../../shared/api/scripts.js";
import { plannedTimeOf } from "../../shared/calendar/planned-at.js";
import { loadConnector, noSide } from "../../shared/connectors/registry.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { admitScript } from "../../shared/jobs/admit-script.js";
import { checkScript } from "../../shared/jobs/check-script.js";
import { templateTable } from "../../shared/looks/catalog.js";
import { type JobSides, previewPlan } from "../../shared/looks/preview-plan.js";
import { allInOrder } from "../../shared/model/all-in-order.js";
import { UserError } from "../../shared/model/errors.js";
import { printJob } from "../../shared/script/spellings/print-job.js";
import { templateJob } from "../../shared/script/spellings/template-job.js";
import { draftEnvironment } from "../../shared/sources/workspaces.js";
import { placeOf } from "./catalog.js";
import type { ApiContext } from "./context.js";
import { mayReadRecords } from "./records.js";

/** Look at job scripts without running them. */
export const scriptRoutes: readonly Route<ApiContext>[] = [
  {
    ...scriptEndpoints.validate,
    async handle(request) {
      const { script, parameters } = parseBody(request, scriptEndpoints.validate.body);
      const { job, warnings } = await checkScript(script, parameters);
      return answered(scriptEndpoints.validate, { warnings, script: printJob(job) });
    },
  },
  {
    ...scriptEndpoints.plan,
    async handle(request, _names, context) {
      return answered(
        scriptEndpoints.plan,
        await plan(parseBody(request, scriptEndpoints.plan.body), request.requestId, context),
      );
    },
  },
  {
    ...scriptEndpoints.template,
    async handle(request, names, context) {
      const { readerSource, readerTable, writerSource, writerTable } = parseQuery(
        request,
        scriptEndpoints.template.query,
      );
      const [reader, writer] = await allInOrder([
        template(context, { kind: "reader", type: names.reader, source: readerSource, table: readerTable }),
        template(context, { kind: "writer", type: names.writer, source: writerSource, table: writerTable }),
      ]);
      return answered(scriptEndpoints.template, { script: templateJob(reader, writer) });
    },
  },
];

/** Plans a script as far as the caller may see records where it would run; kept in the audit trail before anything is looked at. */
async function plan(
  { script: text, parameters }: z.output<typeof scriptEndpoints.plan.body>,
  requestId: string,
  context: ApiContext,
) {
  const { services, workspace, caller, audit } = context;
  await checkScript(text, parameters);
  const { script, inlineSources } = await admitScript(text, `${workspace}/plan/${requestId}`, services.secretBox);
  const { value: home } = await services.workspaces.get(workspace);
  const environment = draftEnvironment(home);
  const timing = { parameters, schedule: null, workspaceZone: home.timeZone, nowMs: services.now() };
  const { plannedLocal } = plannedTimeOf(timing);
  const input = { script, parameters, inlineSources, workspace, environment, plannedLocal };
  const mayRead = mayReadRecords(caller, environment);
  const keep = (sides: JobSides) =>
    audit({ action: "plan", object: `plan/${requestId}`, after: { environment, records: mayRead, ...sides } });
  return previewPlan(services, input, { mayRead, keep });
}

/** One side of a template, perhaps about a real data source and table. */
interface TemplateOptions {
  readonly kind: "reader" | "writer";
  readonly type: string | undefined;
  readonly source: string | undefined;
  readonly table: string | undefined;
}

async function template(context: ApiContext, { kind, type = "", source, table }: TemplateOptions) {
  const connector = await loadConnector(type);
  const side = connector[kind];
  if (!side) throw new UserError("UNSUPPORTED", noSide(connector, kind));
  if (source === undefined) return { type, parameter: side.template() };
  const place = await placeOf(context, source, { table });
  if (place.source.record.type !== connector.name)
    throw new UserError(
      "CONFIG_INVALID",
      `${kind}Source: data source "${source}" is of type ${place.source.record.type}`,
      {
        path: `${kind}Source`,
      },
    );
  return { type, parameter: side.template(await templateTable(context.services, place, table ?? null)) };
}
