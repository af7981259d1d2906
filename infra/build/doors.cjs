// Which room may open a door to which (the table in ARCHITECTURE.md), and no import cycles.
const inside = "^(functions|shared|infra)/";

/** A rule: files of `from` may import, of our own code, only `to`. */
function door(name, from, to, fromNot) {
  return {
    name,
    severity: "error",
    from: fromNot ? { path: from, pathNot: fromNot } : { path: from },
    to: { path: inside, pathNot: to },
  };
}

const contract = "^shared/connectors/contract\\.ts$";
const registry = "^shared/connectors/registry\\.ts$";
const model = "^shared/model/";

const services = "^shared/(open-)?services\\.ts$";
/** How a schema's refusal is put into words. */
const refusals = "^shared/script/read/zod-issues\\.ts$";

/**
 * What the rooms of `shared/` open besides the model, and themselves. Each names those below it only: there are no two that
 * open each other, which a test holds.
 */
const rooms = {
  calendar: [],
  engine: [contract],
  script: [contract],
  platform: [],
  store: ["platform"],
  secrets: ["platform"],
  http: ["store", "platform", refusals],
  identity: ["store", "platform"],
  sources: [contract, registry, services, "script", "platform", "store", "secrets"],
  jobs: [contract, registry, services, "calendar", "script", "platform", "store", "secrets", "sources"],
  looks: [contract, registry, services, "script", "platform", "store", "secrets", "sources", "jobs"],
  runs: [
    contract,
    registry,
    services,
    "calendar",
    "script",
    "platform",
    "store",
    "secrets",
    "sources",
    "jobs",
    "engine",
  ],
  schedule: [services, "calendar", "platform", "store", "jobs", "runs"],
};

/** A room's own files, the model, and what it opens: a room by name, or a pattern. */
function opened(room, opens) {
  return [model, `^shared/${room}/`, ...opens.map((one) => (one.startsWith("^") ? one : `^shared/${one}/`))];
}

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    door("model-imports-nothing", model, model),
    door("contract-knows-the-model", contract, model),
    door("registry-loads-connectors", registry, [model, "^shared/connectors/"]),
    door("sql-file-and-network-know-no-system", "^shared/connectors/(sql|file|objects|network)/", [
      model,
      contract,
      "^shared/connectors/(sql|file|objects|network)/",
      // The signature of the cloud's own calls: assuming a role is one.
      "^shared/platform/acs3\\.ts$",
    ]),
    {
      name: "connectors-are-apart",
      severity: "error",
      from: { path: "^shared/connectors/([^/]+)/", pathNot: "^shared/connectors/(sql|file|objects|network)/" },
      to: {
        path: inside,
        pathNot: [model, contract, "^shared/connectors/(sql|file|objects|network)/", "^shared/connectors/$1/"],
      },
    },
    ...Object.entries(rooms).map(([room, opens]) => door(`doors-of-${room}`, `^shared/${room}/`, opened(room, opens))),
    door("services-put-stores-on-the-platform", services, [services, "^shared/(platform|secrets|store)/"]),
    door("functions-are-apart", "^functions/api/", ["^shared/", "^functions/api/"]),
    door("functions-are-apart", "^functions/dispatcher/", ["^shared/", "^functions/dispatcher/"]),
    door("functions-are-apart", "^functions/shard/", ["^shared/", "^functions/shard/"]),
    door("functions-are-apart", "^functions/reducer/", ["^shared/", "^functions/reducer/"]),
    door("cli-speaks-http", "^infra/cli/", [model, "^shared/(calendar|script)/", "^infra/(cli|local|deploy)/"]),
    door("deploying-knows-the-platform", "^infra/deploy/", [
      model,
      "^shared/(store|platform)/",
      // How a schema's refusal is put into words, and which key was meant.
      "^shared/script/(read/zod-issues|text/nearest)\\.ts$",
      "^infra/deploy/",
    ]),
    door("local-cloud-is-a-platform", "^infra/local/", [model, "^infra/local/"]),
    {
      name: "one-room-per-sdk",
      comment: "Our own tables, buckets and invocations go through shared/platform.",
      severity: "error",
      from: { path: "^(functions|shared)/", pathNot: ["^shared/platform/", "^shared/connectors/(oss|ots)/"] },
      to: { path: "node_modules/(@alicloud/fc2|tablestore|ali-oss)/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
