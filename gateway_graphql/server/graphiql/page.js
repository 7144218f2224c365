// Starts GraphiQL on the /graphql beside this page: HTTP for queries and mutations, WebSockets for subscriptions.
const endpoint = new URL("graphql", location.href);
const socket = new URL(endpoint);
socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

// A WebSocket says who asks when it opens: one for each set of headers, such as another access token.
const sockets = new Map();
function socketFor(headers = {}) {
  const key = JSON.stringify(headers);
  if (!sockets.has(key)) {
    sockets.set(key, graphqlWs.createClient({ url: socket.href, lazy: true, connectionParams: headers }));
  }
  return sockets.get(key);
}

function fetcher(parameters, options) {
  return GraphiQL.createFetcher({ url: endpoint.href, wsClient: socketFor(options?.headers) })(parameters, options);
}

ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, { fetcher, shouldPersistHeaders: true, defaultEditorToolsVisibility: true }),
);
