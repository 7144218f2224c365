import { useState } from "react";
import { signIn } from "@/identity/signIn";

/** Goes to the provider's page; says so when it cannot be reached. */
export function SignInButton({ isMain = false }: { isMain?: boolean }) {
  const [state, setState] = useState<"idle" | "busy" | "failed">("idle");
  const go = () => {
    setState("busy");
    signIn().catch(() => setState("failed"));
  };
  return (
    <>
      <button
        type="button"
        className={isMain ? "button is-main" : "button is-small"}
        disabled={state === "busy"}
        onClick={go}
      >
        Sign in
      </button>
      {state === "failed" && (
        <span role="alert" className="field-problem">
          Signing in cannot be reached; try again in a moment.
        </span>
      )}
    </>
  );
}
