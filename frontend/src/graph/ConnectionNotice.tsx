import { useSyncExternalStore } from "react";
import { currentConnection, onConnection } from "@/graph/socket";

/** Says that live updates are waiting for the network, while they are. */
export function ConnectionNotice() {
  const connection = useSyncExternalStore(onConnection, currentConnection);
  return (
    <div role="status">
      {connection === "lost" && (
        <p className="shell-offline">The connection is lost. Trying again; nothing is missed.</p>
      )}
    </div>
  );
}
