import middy from "@middy/core";
import { once } from "../../shared/http/idempotency.js";
import { accessLog, httpEventDecoder, problems } from "../../shared/http/middleware.js";
import { createRateLimit } from "../../shared/http/rate-limit.js";
import type { HttpRequest } from "../../shared/http/request.js";
import type { HttpResponse } from "../../shared/http/response.js";
import { findRoute, matchRoute, type Route } from "../../shared/http/router.js";
import { recordAudit } from "../../shared/identity/audit.js";
import { anonymous, demandRole, identify } from "../../shared/identity/identify.js";
import { type IdentitySettings, readIdentitySettings } from "../../shared/identity/settings.js";
import { allInOrder } from "../../shared/model/all-in-order.js";
import { toErrorReport } from "../../shared/model/errors.js";
import type { Caller } from "../../shared/model/identity.js";
import { openServices } from "../../shared/open-services.js";
import type { FcContext } from "../../shared/platform/environment.js";
import { endingOnFault } from "../../shared/platform/instance-faults.js";
import { createLog } from "../../shared/platform/log.js";
import type { Services } from "../../shared/services.js";
import { ensureTables } from "../../shared/store/tables.js";
import { type ApiContext, workspaceOf } from "./context.js";
import { routes } from "./routes.js";

const requests = createRateLimit(Date.now);
const failedSignIns = createRateLimit(Date.now);

async function answer(request: HttpRequest, context: FcContext): Promise<HttpResponse> {
  const { services, environment } = openServices(context);
  if (environment.autoBootstrap) await bootstrap(services);
  const workspace = workspaceOf(request);
  const caller = await callerOf(request, services, workspace);
  const { route, names } = findRoute(routes, request);
  if (route.role !== "anyone") demandRole(caller, route.role, `${route.method} ${route.path}`);
  const { requestId } = request;
  const apiContext: ApiContext = {
    services,
    workspace,
    caller,
    audit: (entry) => recordAudit(services.auditTrail, entry, { workspace, caller, requestId, now: services.now() }),
  };
  const work = () => route.handle(request, names, apiContext);
  if (!isCreation(route)) return work();
  const scope = `${workspace}\n${caller.id}`;
  return once(request, { answers: services.answers, scope, now: services.now() }, work);
}

/** Who calls; counts against the caller's rate. Strangers do not even learn which paths exist. */
async function callerOf(request: HttpRequest, services: Services, workspace: string): Promise<Caller> {
  const settings = readIdentitySettings(process.env);
  const isOpen = matchRoute(routes, request)?.route.role === "anyone";
  const caller = isOpen ? anonymous : await signIn(request, services, { settings, workspace });
  const { ratePerSecond } = settings;
  const name = caller === anonymous ? request.clientAddress : `${workspace}\n${caller.id}`;
  for (const one of [name, caller.id]) requests.check(one, ratePerSecond);
  // A token was made in its workspace. Whoever may come from anywhere could have mistyped the name, or invent names.
  if (caller !== anonymous && !caller.id.startsWith("token/"))
    await services.workspaces.get(workspace).catch((error: unknown) => {
      requests.take(caller.id, ratePerSecond);
      throw error;
    });
  requests.take(name, ratePerSecond);
  return caller;
}

/** Finds the caller; addresses from which too many sign-ins fail wait before the next one is looked at. */
async function signIn(
  { headers, clientAddress }: HttpRequest,
  { tokens, members, now }: Services,
  { settings, workspace }: { settings: IdentitySettings; workspace: string },
): Promise<Caller> {
  failedSignIns.check(clientAddress, settings.failedSignInsPerSecond);
  try {
    return await identify(headers.authorization, { tokens, members, settings, workspace, now: now() });
  } catch (error) {
    if (toErrorReport(error).code === "UNAUTHORIZED")
      failedSignIns.take(clientAddress, settings.failedSignInsPerSecond);
    throw error;
  }
}

/** What a repeated request must not do twice. */
function isCreation({ method, status }: Route<ApiContext>): boolean {
  return method === "POST" && (status === 201 || status === 202);
}

let bootstrapping: Promise<void> | undefined;

/** Once per instance: creates what a fresh local cloud lacks. */
async function bootstrap(services: Services): Promise<void> {
  bootstrapping ??= allInOrder([ensureTables(services.documents), services.objects.ensureBucket()]).then(
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
  .use(httpEventDecoder())
  .handler(endingOnFault(answer) as never);
