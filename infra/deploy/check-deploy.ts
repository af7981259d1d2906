import path from "node:path";
import { type BundleSize, bundleSizes } from "./bundle-sizes.js";
import { builtFolders, checkBuild, environmentNames } from "./check-build.js";
import { checkEnvironment } from "./check-environment.js";
import { checkFunction, type DeclaredFunction } from "./check-functions.js";
import { checkNames } from "./check-names.js";
import { checkPlaces } from "./check-places.js";
import { checkTriggers } from "./check-triggers.js";
import { fc3Resource, manifestFrame } from "./fc3-schema.js";
import { type RenderedManifest, renderManifest } from "./render.js";
import { fieldText, violationsBy } from "./schema-issues.js";
import { type Violation, violation } from "./violation.js";

/** What `sluice check-deploy` found. */
export interface DeployReport {
  /** Deployed names of the functions that were checked. */
  readonly functions: readonly string[];
  readonly bundles: readonly Omit<BundleSize, "files">[];
  /** Empty = may be deployed. */
  readonly violations: readonly Violation[];
}

/**
 * Checks a Serverless Devs file and the built functions, offline, as they would be deployed with this environment.
 *
 * @param env  values for the file's `env(…)`
 * @throws UserError CONFIG_INVALID when the file cannot be rendered at all
 */
export async function checkDeploy(manifestFile: string, env: NodeJS.ProcessEnv): Promise<DeployReport> {
  return checkManifest(await renderManifest(manifestFile, env), path.dirname(path.resolve(manifestFile)));
}

/**
 * Checks declarations that are rendered already, and the code that they name.
 *
 * @param root  what the paths in them are relative to
 */
export async function checkManifest(manifest: RenderedManifest, root: string): Promise<DeployReport> {
  const { functions } = parseManifest(manifest);
  const folders = builtFolders(functions, root);
  return {
    functions: functions.map(({ props }) => props.functionName),
    bundles: [...folders].flatMap(bundleSizes).map(({ name, bytes, budget }) => ({ name, bytes, budget })),
    violations: [
      ...checkDeclarations(manifest, environmentNames(functions, root)),
      ...(await checkBuild(functions, root)),
    ],
  };
}

/**
 * Checks declarations alone.
 *
 * @param namesInCode  variables that the built functions mention; null = there are none built
 */
export function checkDeclarations(manifest: RenderedManifest, namesInCode: ReadonlySet<string> | null): Violation[] {
  const { functions, violations } = parseManifest(manifest);
  return [
    ...violations,
    ...checkExpressions(manifest),
    ...functions.flatMap(checkFunction),
    ...functions.flatMap(checkTriggers),
    // Rules about the whole mean nothing while parts of it are missing.
    ...(violations.length === 0 ? [...checkNames(functions), ...checkPlaces(functions)] : []),
    ...checkEnvironment(functions, namesInCode),
  ];
}

function parseManifest(manifest: RenderedManifest): { functions: DeclaredFunction[]; violations: Violation[] } {
  const frame = manifestFrame.safeParse(manifest);
  if (!frame.success) return { functions: [], violations: violationsBy("-", manifest, frame.error.issues) };
  const functions: DeclaredFunction[] = [];
  const violations: Violation[] = [];
  for (const [resource, declaration] of Object.entries(frame.data.resources)) {
    const parsed = fc3Resource.safeParse(declaration);
    if (parsed.success) functions.push({ resource, props: parsed.data.props });
    else violations.push(...violationsBy(resource, declaration, parsed.error.issues));
  }
  return { functions, violations };
}

/** What the deployment fills in, everything else must have been filled in by now. */
const LATER = /\$\{config\(\s*'AccountID'\s*\)\}/g;

function checkExpressions({ resources }: RenderedManifest): Violation[] {
  const found: Violation[] = [];
  const visit = (resource: string, value: unknown, path: readonly PropertyKey[]): void => {
    if (typeof value === "string" && value.replace(LATER, "").includes("${"))
      found.push(
        violation(resource, fieldText(path), {
          value,
          expected: "a value: this expression is not known to Serverless Devs",
        }),
      );
    if (typeof value !== "object" || value === null) return;
    for (const [key, item] of Object.entries(value))
      visit(resource, item, [...path, Array.isArray(value) ? Number(key) : key]);
  };
  if (typeof resources === "object" && resources !== null)
    for (const [resource, declaration] of Object.entries(resources)) visit(resource, declaration, []);
  return found;
}
