import type { z } from "zod";
import { scriptEndpoints } from "../../shared/api/scripts.js";
import { plannedTimeOf } from "../../shared/calendar/planned-at.js";
import { loadConnector, noSide } from "../../shared/connectors/registry.js";
import type { HttpRequest } from "../../shared/http/request.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, parseQuery, type Route } from "../../shared/http/router.js";
import { admitScript } from "../../shared/jobs/admit-script.js";
import { checkScript } from "../../shared/jobs/check-script.js";
import type { ResolveInput } from "../../shared/jobs/resolve-job.js";
import { templateTable } from "../../shared/looks/catalog.js";
import { type JobSides, previewFirstRecords, previewMapping, previewPlan } from "../../shared/looks/preview-plan.js";
import { allInOrder } from "../../shared/model/all-in-order.js";
import { UserError } from "../../shared/model/errors.js";
import { printJob } from "../../shared/script/spellings/print-job.js";
import { templateJob } from "../../shared/script/spellings/template-job.js";
import { draftEnvironment } from "../../shared/sources/workspaces.js";
import type { JobRecord } from "../../shared/store/jobs-store.js";
import { placeOf } from "./catalog.js";
import type { ApiContext } from "./context.js";
import { demandRecords, mayReadRecords } from "./records.js";

/** Look at job scripts without running them. */
export const scriptRoutes: readonly Route<ApiContext>[] = [
  {
    ...scriptEndpoints.validate,
    async handle(request, _names, context) {
      const { script, parameters } = await givenScript(parseBody(request, scriptEndpoints.validate.body), context);
      const { job, warnings } = await checkScript(script, parameters);
      return answered(scriptEndpoints.validate, { warnings, script: printJob(job) });
    },
  },
  {
    ...scriptEndpoints.plan,
    async handle(request, _names, context) {
      const { input, mayRead, keep } = await looking(parseBody(request, scriptEndpoints.plan.body), request, context);
      return answered(scriptEndpoints.plan, await previewPlan(context.services, input, { mayRead, keep }));
    },
  },
  {
    ...scriptEndpoints.mapping,
    async handle(request, _names, context) {
      const body = parseBody(request, scriptEndpoints.mapping.body);
      const { input, mayRead, keep } = await looking(body, request, context);
      return answered(scriptEndpoints.mapping, await previewMapping(context.services, input, { mayRead, keep }));
    },
  },
  {
    ...scriptEndpoints.preview,
    async handle(request, _names, context) {
      const { limit, ...body } = parseBody(request, scriptEndpoints.preview.body);
      const { input, keep } = await looking(body, request, context);
      demandRecords(context.caller, input.environment);
      return answered(scriptEndpoints.preview, await previewFirstRecords(context.services, input, { limit, keep }));
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

type ScriptBody = z.output<typeof scriptEndpoints.plan.body>;

/** What a request is about: a script, or the draft of a stored job. */
interface GivenScript extends Pick<ResolveInput, "script" | "parameters"> {
  /** Null = the script has just come, with whatever it carries. */
  readonly stored: Pick<JobRecord, "inlineSources" | "schedule"> | null;
}

async function givenScript(
  { script, job, parameters }: ScriptBody,
  { services, workspace }: ApiContext,
): Promise<GivenScript> {
  if ((job === undefined) === (script === undefined))
    throw new UserError("CONFIG_INVALID", 'give either "job", the name of a stored job, or "script"', { path: "job" });
  if (job === undefined) return { script: script ?? "", parameters, stored: null };
  const { value } = await services.jobs.get(workspace, job);
  return { script: value.script, parameters: { ...value.parameters, ...parameters }, stored: value };
}

/** What is looked at, as far as the caller may see records there; kept in the audit trail before it is looked at. */
async function looking(body: ScriptBody, { requestId, segments }: HttpRequest, context: ApiContext) {
  const { services, workspace, caller, audit } = context;
  const { script: text, parameters, stored } = await givenScript(body, context);
  const action = segments.at(-1) ?? "plan";
  // A mapping shows just that.
  await checkScript(text, parameters, { comparesWidths: action !== "mapping" });
  const { script, inlineSources } = stored
    ? { script: text, inlineSources: stored.inlineSources }
    : await admitScript(text, `${workspace}/plan/${requestId}`, services.secretBox);
  const { value: home } = await services.workspaces.get(workspace);
  const environment = draftEnvironment(home);
  const asked = { parameters, schedule: stored?.schedule ?? null, workspaceZone: home.timeZone };
  const { plannedLocal } = plannedTimeOf({ ...asked, nowMs: services.now() });
  const input: ResolveInput = { script, parameters, inlineSources, workspace, environment, plannedLocal };
  const mayRead = mayReadRecords(caller, environment);
  const object = body.job === undefined ? `plan/${requestId}` : `job/${body.job}`;
  const keep = (sides: JobSides) => audit({ action, object, after: { environment, records: mayRead, ...sides } });
  return { input, mayRead, keep };
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
