/** What the gateway tells this application about the system that it is part of. */
export interface ApplicationSettings {
  /** the OpenID Connect issuer */
  issuer: string;
  client_id: string;
}

let asked: Promise<ApplicationSettings> | undefined;

/** The settings; asked for once, and only when they are needed. */
export function applicationSettings(): Promise<ApplicationSettings> {
  asked ??= fetchJson<ApplicationSettings>("/settings.json").catch((problem) => {
    asked = undefined;
    throw problem;
  });
  return asked;
}

/** JSON from there. */
export async function fetchJson<Value>(url: string): Promise<Value> {
  const answer = await fetch(url, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error(`${url} answered HTTP ${answer.status}.`);
  return answer.json() as Promise<Value>;
}
