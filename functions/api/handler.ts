import middy from "@middy/core";
import { accessLog, bearerToken, decodeEvent, problems } from "../../shared/http/middleware.js";
import type { HttpRequest } from "../../shared/http/request.js";
import type { HttpResponse } from "../../shared/http/response.js";
import { dispatch } from "../../shared/http/router.js";
import type { FcContext } from "../../shared/platform/environment.js";
import { createLog } from "../../shared/platform/log.js";
import { openServices } from "../../shared/runs/open-services.js";
import { WORKSPACE } from "../../shared/runs/triggers.js";
import { ensureTables } from "../../shared/store/tables.js";
import { dataSourceRoutes } from "./data-sources.js";
import { jobRoutes } from "./jobs.js";
import { runRoutes } from "./runs.js";
import { scriptRoutes } from "./scripts.js";

const routes = [...dataSourceRoutes, ...jobRoutes, ...runRoutes, ...scriptRoutes];

async function answer(request: HttpRequest, context: FcContext): Promise<HttpResponse> {
  const { services, environment } = openServices(context);
  if (environment.autoBootstrap) await bootstrap(services);
  return dispatch(routes, request, {
    services,
    workspace: WORKSPACE,
    caller: { id: "root", name: "root", role: "admin" },
    audit: async () => {},
  });
}

let bootstrapping: Promise<void> | undefined;

/** Once per instance: creates what a fresh local cloud lacks. */
async function bootstrap(services: ReturnType<typeof openServices>["services"]): Promise<void> {
  bootstrapping ??= Promise.all([ensureTables(services.documents), services.objects.ensureBucket()]).then(
    () => undefined,
  );
  try {
    await bootstrapping;
  } catch (error) {
    bootstrapping = undefined;
    throw error;
  }
}

/** The HTTP API: FC's event in, FC's response out. */
export const handler = middy()
  .use(problems())
  .use(accessLog((requestId) => createLog({ function: "api", requestId })))
  .use(decodeEvent())
  .use(bearerToken(() => process.env.SLUICE_API_TOKEN_HASH ?? ""))
  .handler(answer as never);
