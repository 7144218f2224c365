import { proofKey, randomText } from "@/identity/pkce";
import { fetchTokens, provider } from "@/identity/provider";
import { begin } from "@/identity/session";
import { applicationSettings } from "@/identity/settings";

const STARTED = "doorstep.sign-in";
const SIGNED_OUT = "doorstep.signed-out";

interface Started {
  state: string;
  verifier: string;
  /** the page to come back to */
  from: string;
}

/** Go to the provider's page; it comes back to `/signed-in`. */
export async function signIn(from = location.pathname + location.search): Promise<void> {
  const [{ authorization_endpoint, scopes_supported }, { client_id }] = await Promise.all([
    provider(),
    applicationSettings(),
  ]);
  const { verifier, challenge } = await proofKey();
  const started: Started = { state: randomText(), verifier, from };
  sessionStorage.setItem(STARTED, JSON.stringify(started));
  const asked = new URL(authorization_endpoint);
  asked.search = new URLSearchParams({
    response_type: "code",
    client_id,
    redirect_uri: redirectUri(),
    scope: scopes_supported.join(" "),
    state: started.state,
    code_challenge: challenge,
    code_challenge_method: "S256",
    // Whoever has just signed out means to be asked who they are, though the provider still knows them.
    ...(localStorage.getItem(SIGNED_OUT) ? { prompt: "login" } : {}),
  }).toString();
  location.assign(asked);
}

/** Finish what {@link signIn} began; gives the page to go on with. */
export async function finishSignIn(search: string): Promise<string> {
  const answered = new URLSearchParams(search);
  const started = JSON.parse(sessionStorage.getItem(STARTED) ?? "null") as Started | null;
  sessionStorage.removeItem(STARTED);
  const { issuer } = await provider();
  if (!started || answered.get("state") !== started.state) {
    throw new Error("This sign-in was not begun here, or is finished already.");
  }
  // Another provider's code must not be taken to ours (RFC 9207).
  if (answered.has("iss") && answered.get("iss") !== issuer)
    throw new Error("Another provider has answered.");
  const code = answered.get("code");
  if (!code)
    throw new Error(answered.get("error_description") ?? answered.get("error") ?? "There is no code.");
  begin(
    await fetchTokens({
      grant_type: "authorization_code",
      code,
      redirect_uri: redirectUri(),
      code_verifier: started.verifier,
    }),
  );
  localStorage.removeItem(SIGNED_OUT);
  return started.from;
}

/** Remember that the next sign-in has to ask. */
export function askNextTime(): void {
  localStorage.setItem(SIGNED_OUT, "1");
}

function redirectUri(): string {
  return `${location.origin}/signed-in`;
}
