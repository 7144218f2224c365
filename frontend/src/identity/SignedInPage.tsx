import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { Failure } from "@/design/Failure";
import { Loading } from "@/design/Loading";
import { finishSignIn, signIn } from "@/identity/signIn";

/** Where the provider comes back to: trades its code for tokens, and goes on to where the sign-in began. */
export default function SignedInPage() {
  const [, go] = useLocation();
  const [problem, setProblem] = useState<string | null>(null);

  useEffect(() => {
    // A code is good once, and React runs effects twice while it looks for mistakes: the first to come takes the search.
    const { search } = location;
    if (!search) return;
    history.replaceState(null, "", location.pathname);
    finishSignIn(search).then(
      (from) => go(from, { replace: true }),
      (why: Error) => setProblem(why.message),
    );
  }, [go]);

  if (!problem) return <Loading what="your account" />;
  return (
    <Failure title="Signing in did not work" onRetry={() => void signIn("/")}>
      {problem}
    </Failure>
  );
}
