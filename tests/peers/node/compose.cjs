// Compose what comes in, a JSON array of {name, url, sdl} a line, and say what came out, a JSON object a line.
const { createInterface } = require("node:readline");
const { parse } = require("graphql");
const { composeServices } = require("@apollo/composition");

function composed(subgraphs) {
  const services = [];
  for (const { name, url, sdl } of subgraphs) {
    try {
      services.push({ name, url, typeDefs: parse(sdl) });
    } catch (problem) {
      return { errors: [{ code: "INVALID_GRAPHQL", message: problem.message }] };
    }
  }
  let result;
  try {
    result = composeServices(services);
  } catch (problem) {
    return { crashed: String(problem.stack || problem) };
  }
  const said = ({ message, extensions, definition }) => ({ code: extensions?.code ?? definition?.code ?? "", message });
  return result.errors
    ? { errors: result.errors.map(said) }
    : { supergraph: result.supergraphSdl, hints: result.hints.map(said) };
}

createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(`${JSON.stringify(composed(JSON.parse(line)))}\n`);
});
