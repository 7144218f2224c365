import { SignInButton } from "@/identity/SignInButton";
import { end } from "@/identity/session";
import { askNextTime } from "@/identity/signIn";
import { useSession } from "@/identity/useSession";

/** Signed in as what, and the way out; or the way in. */
export function Account() {
  const session = useSession();
  if (!session) return <SignInButton />;
  const signOut = () => {
    askNextTime();
    void end();
  };
  return (
    <>
      <span className="soft account-roles">{session.roles.join(", ")}</span>
      <button type="button" className="button is-small" onClick={signOut}>
        Sign out
      </button>
    </>
  );
}
