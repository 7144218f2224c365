import { fetchTokens, Refused, revoke, type Tokens } from "@/identity/provider";

export type Role = "subscriber" | "reviewer" | "operator" | "admin";

/** Who is signed in. */
export interface Session {
  accessToken: string;
  refreshToken: string | null;
  /** milliseconds since 1970 */
  expiresAt: number;
  subject: string;
  roles: readonly Role[];
}

const KEPT = "doorstep.session";
/** An access token is replaced this long before it ends, so that none ends on its way. */
const EARLY = 30_000;

const listeners = new Set<() => void>();
let session = read();

/** Kept for all tabs: one that is opened later is signed in too, and signing out signs all of them out. */
addEventListener("storage", (event) => {
  if (event.key === KEPT) change(read());
});

/** Who is signed in now; null: nobody. */
export function currentSession(): Session | null {
  return session;
}

/** Call back whenever somebody signs in or out, or has a new token; gives what ends that. */
export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether one of these roles is theirs. */
export function hasRole(who: Session | null, roles: readonly Role[]): boolean {
  return who !== null && roles.some((role) => who.roles.includes(role));
}

/** Take what the provider gave. */
export function begin(tokens: Tokens): void {
  keep(sessionOf(tokens, null));
}

/** A token that is good for a while yet; null when nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (!session) return null;
  if (session.expiresAt - EARLY > Date.now()) return session.accessToken;
  return refreshed();
}

/** Sign out here, in all tabs, and at the provider. */
export async function end(): Promise<void> {
  const token = session?.refreshToken;
  keep(null);
  // Whoever is offline is signed out here; the provider forgets the token when it ends.
  if (token) await revoke(token).catch(() => undefined);
}

/** A refresh token is good once, so only one tab may use it; the others take what that one got. */
async function refreshed(): Promise<string | null> {
  return navigator.locks.request(KEPT, async () => {
    const kept = read();
    if (!kept || kept.expiresAt - EARLY > Date.now()) {
      change(kept);
      return kept?.accessToken ?? null;
    }
    if (!kept.refreshToken) {
      keep(null);
      return null;
    }
    try {
      const tokens = await fetchTokens({ grant_type: "refresh_token", refresh_token: kept.refreshToken });
      keep(sessionOf(tokens, kept.refreshToken));
    } catch (problem) {
      if (!(problem instanceof Refused)) throw problem;
      keep(null);
    }
    return session?.accessToken ?? null;
  });
}

function sessionOf(tokens: Tokens, oldRefreshToken: string | null): Session {
  const claims = claimsOf(tokens.access_token);
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? oldRefreshToken,
    expiresAt: Date.now() + tokens.expires_in * 1000,
    subject: claims.sub,
    roles: claims.roles ?? [],
  };
}

/** Read, not verified: the gateway does that. They only shape what is shown. */
function claimsOf(token: string): { sub: string; roles?: Role[] } {
  const part = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
  const bytes = Uint8Array.from(atob(part), (letter) => letter.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

function read(): Session | null {
  const text = localStorage.getItem(KEPT);
  return text ? (JSON.parse(text) as Session) : null;
}

function keep(next: Session | null): void {
  if (next) localStorage.setItem(KEPT, JSON.stringify(next));
  else localStorage.removeItem(KEPT);
  change(next);
}

function change(next: Session | null): void {
  session = next;
  for (const listener of listeners) listener();
}
