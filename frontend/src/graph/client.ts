import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { accessToken } from "@/identity/session";

/** Queries and mutations over HTTP, each with the token that is good at that moment. */
export const client = new Client({
  url: "/graphql",
  exchanges: [cacheExchange, fetchExchange],
  preferGetMethod: false,
  // An upload is a form, which any page could send; this header is what only ours can add.
  fetchOptions: { headers: { "x-requested-with": "doorstep" } },
  fetch: async (input, init) => {
    const token = await accessToken();
    const headers = new Headers(init?.headers);
    if (token) headers.set("authorization", `Bearer ${token}`);
    return fetch(input, { ...init, headers });
  },
});
