import { createClient } from "graphql-ws";
import { accessToken, currentSession, onSession } from "@/identity/session";

/** How the one connection of all live subscriptions is. */
export type Connection = "unused" | "connecting" | "open" | "lost";

const LONGEST_PAUSE = 8_000;
/** A pong that does not come within this time never will: the network went away without a word. */
const PATIENCE = 5_000;

const listeners = new Set<() => void>();
let connection: Connection = "unused";
let deaf: ReturnType<typeof setTimeout> | undefined;

export const socket = createClient({
  url: () => `${location.origin.replace(/^http/, "ws")}/graphql`,
  connectionParams: async () => {
    const token = await accessToken();
    return token ? { Authorization: `Bearer ${token}` } : {};
  },
  lazyCloseTimeout: 2_000,
  keepAlive: 10_000,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: () => true,
  retryWait: pause,
  on: {
    connecting: () => change(connection === "lost" ? "lost" : "connecting"),
    connected: () => change("open"),
    closed: (event) => {
      clearTimeout(deaf);
      change((event as CloseEvent).code === 1000 ? "unused" : "lost");
    },
    ping: (received) => {
      if (!received) deaf = setTimeout(() => socket.terminate(), PATIENCE);
    },
    pong: (received) => {
      if (received) clearTimeout(deaf);
    },
  },
});

/** How the connection is now. */
export function currentConnection(): Connection {
  return connection;
}

/** Call back when that changes; gives what ends it. */
export function onConnection(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

// A connection says who asks when it opens: another person needs another one. A new token for the same person does not.
let subject = currentSession()?.subject;
onSession(() => {
  const next = currentSession()?.subject;
  if (next !== subject && connection === "open") socket.terminate();
  subject = next;
});

function change(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}

/** Longer with each attempt and never the same for all, but over at once when the browser is online again. */
function pause(retries: number): Promise<void> {
  const longest = Math.min(LONGEST_PAUSE, 250 * 2 ** retries);
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      removeEventListener("online", finish);
      resolve();
    };
    const timer = setTimeout(finish, longest / 2 + (Math.random() * longest) / 2);
    addEventListener("online", finish);
  });
}
