// Plan operations: a line in is {planner, supergraph, labels, operations: [text]}, a line out what became of each.
const { createInterface } = require("node:readline");
const { parse } = require("graphql");
const { Supergraph, operationFromDocument } = require("@apollo/federation-internals");
const { QueryPlanner } = require("@apollo/query-planner");
const hive = require("@graphql-hive/router-query-planner");

function attempt(work) {
  try {
    return { done: work() };
  } catch (problem) {
    return { error: String(problem.message || problem).slice(0, 500) };
  }
}

function apolloPlanner({ supergraph, labels }) {
  const built = Supergraph.build(supergraph, { supportedFeatures: null, validateSupergraph: false });
  const planner = new QueryPlanner(built);
  const schema = built.apiSchema();
  const overrideConditions = new Map(labels.map((label) => [label, true]));
  return (text) => planner.buildQueryPlan(operationFromDocument(schema, parse(text)), { overrideConditions });
}

function hivePlanner({ supergraph, labels }) {
  const planner = new hive.QueryPlanner(supergraph);
  return (text) => planner.plan(text, undefined, new Set(labels), 100);
}

function answer(question) {
  const planner = attempt(() => (question.planner === "apollo" ? apolloPlanner : hivePlanner)(question));
  return question.operations.map((text) => (planner.done ? attempt(() => planner.done(text)) : planner));
}

createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(answer(JSON.parse(line)))}\n`);
});
