import { Client, fetchExchange } from "@urql/core";
import type { ReactNode } from "react";
import { Provider } from "urql";

type Answers = Record<string, (variables: never) => unknown>;

/** A client that gives these answers, by the name of the operation, and remembers what it was asked. */
export function graphThatSays(answers: Answers) {
  const asked: { name: string; variables: unknown }[] = [];
  const client = new Client({
    url: "http://graph.invalid",
    exchanges: [fetchExchange],
    preferGetMethod: false,
    fetch: async (_, init) => {
      const { operationName, variables } = JSON.parse(String(init?.body));
      asked.push({ name: operationName, variables });
      return Response.json({ data: answers[operationName]?.(variables as never) });
    },
  });
  return { asked, client };
}

/** What is shown, with that client. */
export function WithGraph({ client, children }: { client: Client; children: ReactNode }) {
  return <Provider value={client}>{children}</Provider>;
}
