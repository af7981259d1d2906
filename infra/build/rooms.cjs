// The rules behind the table of rooms in ARCHITECTURE.md: which room opens a door to which.
const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const inside = "^(functions|shared|infra)/";
const contract = "^shared/connectors/contract\\.ts$";
const registry = "^shared/connectors/(registry|describe)\\.ts$";
const services = "^shared/(open-)?services\\.ts$";
const model = "^shared/model/";
const params = "^shared/connectors/params/";
/** How a schema's refusal is put into words. */
const refusals = "^shared/script/read/zod-issues\\.ts$";

/** What several connectors stand on. */
const floors = "^shared/connectors/(sql|objects|file|network|params)/";

/**
 * What the rooms of `shared/` open besides the model, and themselves. Each names those below it only: no two open each
 * other.
 */
const rooms = {
  calendar: [],
  dependencies: ["calendar"],
  api: [],
  engine: [contract],
  script: [contract],
  platform: [],
  store: ["platform"],
  secrets: ["platform"],
  http: ["api", "store", "platform", refusals],
  identity: ["store", "platform"],
  sources: [contract, params, registry, services, "script", "platform", "store", "secrets"],
  jobs: [
    contract,
    params,
    registry,
    services,
    "calendar",
    "dependencies",
    "script",
    "platform",
    "store",
    "secrets",
    "sources",
  ],
  looks: ["api", contract, params, registry, services, "script", "platform", "store", "secrets", "sources", "jobs"],
  runs: [
    contract,
    params,
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
  schedule: [services, "calendar", "dependencies", "platform", "store", "jobs", "runs"],
};

/** A rule: files of `from` may import, of our own code, only `to`. */
function door(name, from, to, fromNot = []) {
  return { name, severity: "error", from: { path: from, pathNot: fromNot }, to: { path: inside, pathNot: to } };
}

/** A room's own files, the model, and what it opens: a room by name, or a pattern. */
function opened(room, opens) {
  return [model, `^shared/${room}/`, ...opens.map((one) => (one.startsWith("^") ? one : `^shared/${one}/`))];
}

const roomRules = Object.entries(rooms).map(([room, opens]) =>
  door(`doors-of-${room}`, `^shared/${room}/`, opened(room, opens)),
);

/**
 * A connector stands on `sql`, or on `objects` and `file`, never on both: one rule for each that tries.
 *
 * @param root  of the repository
 */
function floorRules(root) {
  const connectors = path.join(root, "shared/connectors");
  const folders = readdirSync(connectors, { withFileTypes: true }).filter((one) => one.isDirectory());
  return folders
    .map(({ name }) => name)
    .filter((name) => !new RegExp(floors).test(`shared/connectors/${name}/`))
    .filter((name) => {
      const text = textOf(path.join(connectors, name));
      return /"(\.\.\/)+sql\//.test(text) && /"(\.\.\/)+(objects|file)\//.test(text);
    })
    .map((name) => ({
      name: "sql-or-objects",
      severity: "error",
      from: { path: `^shared/connectors/${name}/` },
      to: { path: "^shared/connectors/(objects|file)/" },
    }));
}

function textOf(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  return files.map((name) => readFileSync(path.join(folder, name), "utf8")).join("\n");
}

const connectorRules = [
  door("contract-knows-the-model", contract, model),
  door("registry-loads-connectors", registry, [model, "^shared/connectors/"]),
  door("params-know-the-model", params, [model, params]),
  door("floors-know-no-system", floors, [
    model,
    contract,
    floors,
    // The signature of the cloud's own calls: assuming a role is one.
    "^shared/platform/acs3\\.ts$",
  ]),
  {
    name: "connectors-are-apart",
    severity: "error",
    from: { path: "^shared/connectors/([^/]+)/", pathNot: floors },
    // What the codes of the cloud's own service mean.
    to: {
      path: inside,
      pathNot: [model, contract, floors, "^shared/connectors/$1/", "^shared/platform/tablestore-errors\\.ts$"],
    },
  },
];

const outerRules = [
  {
    name: "functions-are-apart",
    severity: "error",
    from: { path: "^functions/([^/]+)/" },
    to: { path: inside, pathNot: ["^shared/", "^functions/$1/"] },
  },
  door("cli-speaks-http", "^infra/cli/", [model, "^shared/(api|calendar|script)/", "^infra/(cli|local|deploy)/"]),
  door("deploying-knows-the-platform", "^infra/deploy/", [
    model,
    "^shared/(store|platform)/",
    refusals,
    // Which key was meant.
    "^shared/script/text/nearest\\.ts$",
    "^infra/deploy/",
  ]),
  door("local-cloud-is-a-platform", "^infra/local/", [
    model,
    "^infra/local/",
    // Record streams and signatures of MaxCompute: decision 0016.
    "^shared/connectors/odps/wire/",
  ]),
  {
    name: "one-room-per-sdk",
    comment: "Our own tables, buckets and invocations go through shared/platform.",
    severity: "error",
    from: { path: "^(functions|shared)/", pathNot: ["^shared/platform/", "^shared/connectors/(oss|ots|s3)/"] },
    to: { path: "node_modules/(@alicloud/fc2|tablestore|ali-oss|@aws-sdk/.*)/" },
  },
];

/**
 * All rules, for the repository at `root`.
 *
 * @returns what dependency-cruiser takes as `forbidden`
 */
function rules(root) {
  return [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    door("model-imports-nothing", model, model),
    ...connectorRules,
    ...floorRules(root),
    ...roomRules,
    door("services-put-stores-on-the-platform", services, [services, "^shared/(model|platform|secrets|store)/"]),
    ...outerRules,
  ];
}

module.exports = { rooms, rules };
