// Load supergraphs: a line in is {supergraph, operation}, a line out what each gateway makes of it: Apollo's its plan,
// Hive's SDK what it asks the subgraphs first.
const { createInterface } = require("node:readline");
const { parse, print, execute } = require("graphql");
const { ApolloGateway } = require("@apollo/gateway");
const { prettyFormatQueryPlan } = require("@apollo/query-planner");
const { getStitchedSchemaFromSupergraphSdl } = require("@graphql-tools/federation");

const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function attempt(work) {
  try {
    return { made: await work() };
  } catch (problem) {
    return { refused: String(problem.message || problem).slice(0, 5000) };
  }
}

async function apollo({ supergraph, operation }) {
  let plan;
  const gateway = new ApolloGateway({
    supergraphSdl: supergraph,
    logger: quiet,
    buildService: () => ({ process: async () => ({ data: null }) }),
    experimental_didResolveQueryPlan({ queryPlan }) {
      plan = prettyFormatQueryPlan(queryPlan);
    },
  });
  const { schema, executor } = await gateway.load();
  await executor({
    schema,
    document: parse(operation),
    queryHash: operation,
    request: { query: operation },
    overallCachePolicy: { restrict() {} },
    cache: { get() {}, set() {}, delete() {} },
    context: {},
  });
  await gateway.stop();
  return plan;
}

async function hive({ supergraph, operation }) {
  const asked = [];
  const schema = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl: supergraph,
    onSubschemaConfig(config) {
      config.executor = ({ document }) => {
        asked.push(`${config.name}: ${print(document)}`);
        return { data: null };
      };
    },
  });
  await execute({ schema, document: parse(operation) });
  return asked.sort().join("\n");
}

async function answer(question) {
  return { "@apollo/gateway": await attempt(() => apollo(question)), "Hive's SDK": await attempt(() => hive(question)) };
}

let before = Promise.resolve();
createInterface({ input: process.stdin }).on("line", (line) => {
  before = before.then(async () => process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line)))}\n`));
});
