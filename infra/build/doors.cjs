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

module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    door("model-imports-nothing", model, model),
    door("contract-knows-the-model", contract, model),
    door("registry-loads-connectors", registry, [model, "^shared/connectors/"]),
    door("sql-file-and-network-know-no-system", "^shared/connectors/(sql|file|network)/", [
      model,
      contract,
      "^shared/connectors/(sql|file|network)/",
      // The signature of the cloud's own calls: assuming a role is one.
      "^shared/platform/acs3\\.ts$",
    ]),
    {
      name: "connectors-are-apart",
      severity: "error",
      from: { path: "^shared/connectors/([^/]+)/", pathNot: "^shared/connectors/(sql|file|network)/" },
      to: {
        path: inside,
        pathNot: [model, contract, "^shared/connectors/(sql|file|network)/", "^shared/connectors/$1/"],
      },
    },
    door("engine-knows-the-contract", "^shared/engine/", [model, contract, "^shared/engine/"]),
    door("script-knows-the-contract", "^shared/script/", [model, contract, "^shared/script/"]),
    door("store-and-platform-know-the-model", "^shared/(store|platform)/", [model, "^shared/(store|platform|http)/"]),
    door("http-knows-the-store", "^shared/http/", [
      model,
      "^shared/(store|platform|http)/",
      // How a schema's refusal is put into words.
      "^shared/script/zod-issues\\.ts$",
    ]),
    door("runs-and-sources", "^shared/(runs|sources|schedule)/", [
      model,
      contract,
      registry,
      "^shared/(script|engine|store|platform|runs|sources|schedule)/",
    ]),
    door("identity-knows-the-store", "^shared/identity/", [model, "^shared/(store|platform|identity)/"]),
    door("functions-are-apart", "^functions/api/", ["^shared/", "^functions/api/"]),
    door("functions-are-apart", "^functions/dispatcher/", ["^shared/", "^functions/dispatcher/"]),
    door("functions-are-apart", "^functions/shard/", ["^shared/", "^functions/shard/"]),
    door("functions-are-apart", "^functions/reducer/", ["^shared/", "^functions/reducer/"]),
    door("cli-speaks-http", "^infra/cli/", [model, "^shared/script/", "^infra/(cli|local|deploy)/"]),
    door("deploying-knows-the-platform", "^infra/deploy/", [
      model,
      "^shared/(store|platform)/",
      // How a schema's refusal is put into words, and which key was meant.
      "^shared/script/(zod-issues|nearest)\\.ts$",
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
