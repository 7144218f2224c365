import { applicationSettings, fetchJson } from "@/identity/settings";

/** Where the provider answers, as its discovery document says (OpenID Connect Discovery 1.0). */
export interface Provider {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  revocation_endpoint?: string;
  scopes_supported: string[];
}

/** What the provider gives for a code, or for a refresh token. */
export interface Tokens {
  access_token: string;
  refresh_token?: string;
  expires_in: number;
}

/** The provider refused: the person has to sign in again. */
export class Refused extends Error {}

let found: Promise<Provider> | undefined;

/** The provider of this system. */
export function provider(): Promise<Provider> {
  found ??= discover().catch((problem) => {
    found = undefined;
    throw problem;
  });
  return found;
}

async function discover(): Promise<Provider> {
  const { issuer } = await applicationSettings();
  const document = await fetchJson<Provider>(`${issuer}/.well-known/openid-configuration`);
  if (document.issuer !== issuer) throw new Error(`${issuer} says that it is ${document.issuer}.`);
  return document;
}

/** Ask the token endpoint. */
export async function fetchTokens(parameters: Record<string, string>): Promise<Tokens> {
  const { client_id } = await applicationSettings();
  const { token_endpoint } = await provider();
  const answer = await fetch(token_endpoint, {
    method: "POST",
    body: new URLSearchParams({ client_id, ...parameters }),
  });
  if (answer.status === 400 || answer.status === 401) throw new Refused((await answer.json()).error);
  if (!answer.ok) throw new Error(`Signing in answered HTTP ${answer.status}.`);
  return answer.json() as Promise<Tokens>;
}

/** Call a refresh token back, and with it the access tokens that came of it. */
export async function revoke(token: string): Promise<void> {
  const { client_id } = await applicationSettings();
  const { revocation_endpoint, issuer } = await provider();
  await fetch(revocation_endpoint ?? `${issuer}/revoke_token/`, {
    method: "POST",
    // The provider lets no page read what it answers here, and there is nothing in it.
    mode: "no-cors",
    body: new URLSearchParams({ client_id, token, token_type_hint: "refresh_token" }),
  });
}
