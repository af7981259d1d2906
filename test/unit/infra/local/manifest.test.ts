import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readManifest } from "../../../../infra/local/manifest.js";

const values = { environment: {}, accountId: "42" };
const one = (props: string, head = "") =>
  `${head}\nresources:\n  f:\n    component: fc3\n    props: { functionName: f, handler: f.h, runtime: nodejs20, ${props} }\n`;

describe("the repository's own s.yaml", () => {
  const text = readFileSync("s.yaml", "utf8");

  test("declares functions with their triggers, limits and destinations", () => {
    const specs = readManifest(text, values);
    expect(specs.map((spec) => spec.name)).toEqual([
      "sluice-dev-api",
      "sluice-dev-dispatcher",
      "sluice-dev-planner",
      "sluice-dev-shard",
      "sluice-dev-shard-vpc",
      "sluice-dev-reducer",
    ]);
    const [api, dispatcher, planner, shard] = specs;
    expect(api?.httpMethods).toContain("PATCH");
    expect(dispatcher?.timers).toEqual([
      { name: "tick", expression: "@every 1m", enabled: true, payload: '{"kind":"tick"}' },
    ]);
    expect(dispatcher?.objectTriggers[0]).toMatchObject({
      bucket: "sluice-dev-landing",
      prefix: "landing/",
      suffix: "",
    });
    const replaced = { asyncTask: true, maxRetries: 0, onFailure: "sluice-dev-dispatcher" };
    expect(planner).toMatchObject({ handler: "planner.handler", reservedConcurrency: 16, ...replaced });
    expect(shard).toMatchObject({
      handler: "shard.handler",
      reservedConcurrency: 64,
      asyncTask: true,
      maxRetries: 0,
      maxEventAgeS: 3600,
      onFailure: "sluice-dev-dispatcher",
      onSuccess: null,
    });
  });

  test("takes environment values from the caller, not from the process", () => {
    const environment = { SLUICE_STAGE: "test", SLUICE_OTS_ENDPOINT: "http://127.0.0.1:1" };
    const [api] = readManifest(text, { ...values, environment });
    expect(api?.name).toBe("sluice-test-api");
    expect(api?.environment).toMatchObject({
      SLUICE_STAGE: "test",
      SLUICE_OTS_ENDPOINT: "http://127.0.0.1:1",
      SLUICE_OTS_INSTANCE: "sluice-dev",
      SLUICE_MASTER_KEY: "",
    });
  });
});

describe("expressions", () => {
  test("keep the type of a value that stands alone and print it inside a text", () => {
    const head = `vars: { size: 1024, stage: "\${env('S', 'x')}", deep: { a: "\${vars.stage}-b" } }`;
    const [spec] = readManifest(
      one(`memorySize: "\${vars.size}", environmentVariables: { A: "\${vars.deep.a}/\${vars.size}" }`, head),
      values,
    );
    expect(spec).toMatchObject({ memoryMb: 1024, environment: { A: "x-b/1024" } });
  });

  test.each([
    [`vars: { a: "\${vars.b}", b: "\${vars.a}" }`, `\${vars.a}`, "refers to itself"],
    ["", `\${vars.none}`, "vars.none is not defined"],
    ["", `\${env('NONE')}`, "the environment value NONE is not given and has no default"],
    ["", `\${file('x')}`, "the local cloud understands vars.name"],
  ])("are refused when they cannot be evaluated: %s %s", (head, expression, message) => {
    const text = one(`environmentVariables: { A: "${expression}" }`, head);
    expect(() => readManifest(text, values)).toThrow(message);
  });
});

describe("declarations", () => {
  test("get FC's defaults", () => {
    expect(readManifest(one(""), values)[0]).toEqual({
      name: "f",
      handler: "f.h",
      runtime: "nodejs20",
      memoryMb: 512,
      timeoutS: 3,
      reservedConcurrency: null,
      environment: {},
      initializer: null,
      preStop: null,
      asyncTask: false,
      maxRetries: 3,
      maxEventAgeS: 86_400,
      onSuccess: null,
      onFailure: null,
      httpMethods: null,
      timers: [],
      objectTriggers: [],
    });
  });

  test("merge anchors", () => {
    const text =
      "vars:\n  base: &base { runtime: nodejs20, timeout: 9, handler: a.b }\nresources:\n  f: { component: fc3, props: { <<: *base, functionName: f, timeout: 10 } }";
    expect(readManifest(text, values)[0]).toMatchObject({ timeoutS: 10, handler: "a.b" });
  });

  test.each([
    ["timeout: 90000", "resources.f.props.timeout"],
    ["memorySize: 100", "resources.f.props.memorySize"],
    ["environmentVariables: { A: 1 }", "resources.f.props.environmentVariables.A"],
    ["asyncInvokeConfig: { maxAsyncRetryAttempts: 9 }", "maxAsyncRetryAttempts"],
    [
      "triggers: [{ triggerName: t, triggerType: oss, triggerConfig: { events: ['oss:ObjectCreated:*'] } }]",
      "triggers[0].sourceArn",
    ],
    [
      "triggers: [{ triggerName: t, triggerType: timer, triggerConfig: {} }]",
      "triggers[0].triggerConfig.cronExpression",
    ],
    [
      "triggers: [{ triggerName: t, triggerType: timer, triggerConfig: { cronExpression: '* * * * *', enable: false } }]",
      "expected six fields",
    ],
    ["triggers: [{ triggerName: t, triggerType: cdn_events, triggerConfig: {} }]", "http, timer and oss"],
    ["triggers: [{ triggerName: t, triggerType: http, triggerConfig: { authType: jwt, methods: [GET] } }]", "authType"],
    ["asyncInvokeConfig: { destinationConfig: { onFailure: { destination: 'acs:mns:x' } } }", "is not a function"],
    [
      "asyncInvokeConfig: { destinationConfig: { onFailure: { destination: 'acs:fc:r:1:functions/g' } } }",
      "destination g is not declared",
    ],
  ])("are refused at their place: %s", (props, place) => {
    expect(() => readManifest(one(props), values)).toThrow(place);
  });

  test("are refused when they are not YAML, empty, or name a function twice", () => {
    expect(() => readManifest("a: [", values)).toThrow("not YAML");
    expect(() => readManifest("", values)).toThrow("empty");
    expect(() => readManifest("a: 1", values)).toThrow("resources: required");
    const twice = `${one("")}  g:\n    component: fc3\n    props: { functionName: f, handler: f.h, runtime: nodejs20 }\n`;
    expect(() => readManifest(twice, values)).toThrow("same functionName");
  });
});
