import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { stringifyDocument } from "@urql/core";
import { socket } from "@/graph/socket";

/** Every update of the graph says which one it is. */
export type Updates = { [field: string]: { updateId: string } | string };

export interface Watcher<Data> {
  update: (data: Data) => void;
  /** the graph refuses; there will be no more updates */
  refused?: (message: string) => void;
  /** there will be no more updates, because all is said */
  over?: () => void;
}

/**
 * Watch a live subscription and miss nothing: after a lost connection it goes on behind the last update that was seen.
 *
 * The operation must take `$after: String` and ask for `updateId`. Gives what ends it.
 */
export function watch<Data extends Updates, Variables extends { after?: string | null | undefined }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, "after">,
  watcher: Watcher<Data>,
): () => void {
  let last: string | null = null;
  const asked = {
    ...variables,
    // graphql-ws writes the operation anew for each connection: what is read then is where to go on.
    get after() {
      return last;
    },
  };
  return socket.subscribe<Data>(
    { query: stringifyDocument(document), variables: asked },
    {
      next: ({ data, errors }) => {
        if (data) {
          last = updateId(data) ?? last;
          watcher.update(data);
        } else if (errors?.[0]) {
          watcher.refused?.(errors[0].message);
        }
      },
      error: (problem) => watcher.refused?.(said(problem)),
      complete: () => watcher.over?.(),
    },
  );
}

function updateId(data: Updates): string | undefined {
  for (const update of Object.values(data)) if (typeof update === "object") return update.updateId;
  return undefined;
}

function said(problem: unknown): string {
  if (Array.isArray(problem)) return problem.map((one: { message: string }) => one.message).join(" ");
  if (problem instanceof Error) return problem.message;
  return "The live connection was refused.";
}
