import { useSyncExternalStore } from "react";
import { currentSession, onSession, type Session } from "@/identity/session";

/** Who is signed in, followed as it changes. */
export function useSession(): Session | null {
  return useSyncExternalStore(onSession, currentSession);
}
