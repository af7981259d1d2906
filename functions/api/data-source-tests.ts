import { dataSourceTestEndpoints } from "../../shared/api/data-source-tests.js";
import { answered } from "../../shared/http/response.js";
import { parseBody, type Route } from "../../shared/http/router.js";
import { type TestTarget, testProperties, testSources, testTarget } from "../../shared/looks/test-source.js";
import { InternalError } from "../../shared/model/errors.js";
import type { JsonObject } from "../../shared/model/json.js";
import type { SourceEnvironment, Workspace } from "../../shared/model/workspace.js";
import { getVisible } from "../../shared/sources/find-source.js";
import { draftEnvironment } from "../../shared/sources/workspaces.js";
import { eachOf, itemError } from "./batches.js";
import type { ApiContext } from "./context.js";
import { homeOf } from "./data-sources.js";
import { demandLook } from "./records.js";

/** Test the connections of data sources, from where the shards of their resource groups run. */
export const dataSourceTestRoutes: readonly Route<ApiContext>[] = [
  {
    ...dataSourceTestEndpoints.testDataSource,
    async handle(request, { name = "" }, context) {
      const { environment, write: wanted } = parseBody(request, dataSourceTestEndpoints.testDataSource.body);
      const target = await targetOf(context, name, environment);
      const [report = noReport()] = await testSources(context.services, context.workspace, {
        targets: [target],
        options: { write: wanted },
      });
      if (report instanceof Error) throw report;
      return answered(dataSourceTestEndpoints.testDataSource, report);
    },
  },
  {
    ...dataSourceTestEndpoints.testProperties,
    async handle(request, _names, { services, workspace, audit }) {
      const { properties, write: wanted, ...rest } = parseBody(request, dataSourceTestEndpoints.testProperties.body);
      // The properties may be anything, secrets among them.
      await audit({ action: "dataSource.test", object: "data-source-tests", after: { type: rest.type } });
      const unsaved = { ...rest, workspace, properties: properties as JsonObject };
      return answered(
        dataSourceTestEndpoints.testProperties,
        await testProperties(services, unsaved, { write: wanted }),
      );
    },
  },
  {
    ...dataSourceTestEndpoints.testDataSources,
    async handle(request, _names, context) {
      const { names, environment, write: wanted } = parseBody(request, dataSourceTestEndpoints.testDataSources.body);
      return answered(dataSourceTestEndpoints.testDataSources, {
        items: await testBatch(context, names, { environment, write: wanted }),
      });
    },
  },
];

function noReport(): InternalError {
  return new InternalError("INTERNAL", "a test has no report");
}

async function testBatch(
  context: ApiContext,
  names: readonly string[],
  { environment, write: wanted }: { environment: SourceEnvironment | undefined; write: boolean },
) {
  const found = await eachOf(names, async (name): Promise<{ name: string; target: TestTarget | Error }> => {
    try {
      return { name, target: await targetOf(context, name, environment) };
    } catch (error) {
      return { name, target: error instanceof Error ? error : new Error(String(error)) };
    }
  });
  const targets = found.flatMap(({ target }) => (target instanceof Error ? [] : [target]));
  const reports = await testSources(context.services, context.workspace, { targets, options: { write: wanted } });
  return found.map(({ name, target }) => {
    const report = target instanceof Error ? target : (reports[targets.indexOf(target)] ?? noReport());
    return report instanceof Error ? itemError(name, report, context.services.log) : { name, ...report };
  });
}

async function targetOf(context: ApiContext, name: string, given: SourceEnvironment | undefined): Promise<TestTarget> {
  const source = await getVisible(context.services, context.workspace, name);
  const home = await homeOf(context);
  const environment = testedEnvironment(home, given, Object.keys(source.record.definitions));
  demandLook(context.caller, home, environment);
  await context.audit({ action: "dataSource.test", object: `data-source/${name}`, after: { environment } });
  return testTarget(source, environment);
}

/** The environment asked for, else the one of drafts, else the only one there is. */
function testedEnvironment(
  home: Workspace,
  given: SourceEnvironment | undefined,
  configured: readonly string[],
): SourceEnvironment {
  if (given) return home.mode === "basic" ? "production" : given;
  const first = draftEnvironment(home);
  return configured.includes(first) ? first : "production";
}
