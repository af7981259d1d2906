// Which room may open a door to which, and no import cycles: `rooms.cjs` has the table.
const { rules } = require("./rooms.cjs");

module.exports = {
  forbidden: rules(process.cwd()),
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { extensions: [".ts", ".js", ".json"] },
  },
};
