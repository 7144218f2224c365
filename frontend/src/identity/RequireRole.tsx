import type { ReactNode } from "react";
import { Empty } from "@/design/Empty";
import { SignInButton } from "@/identity/SignInButton";
import { hasRole, type Role } from "@/identity/session";
import { useSession } from "@/identity/useSession";

/** The page for those who may see it, a way to sign in for the others. The graph refuses them in any case. */
export function RequireRole({ roles, children }: { roles: readonly Role[]; children: ReactNode }) {
  const session = useSession();
  const people = roles.map((role) => `${role}s`).join(" and ");
  if (hasRole(session, roles)) return children;
  if (session) {
    return (
      <Empty title="This page is not for your role">
        <p>It is for {people}. Ask an admin for that role, or sign in as somebody else.</p>
      </Empty>
    );
  }
  return (
    <Empty title="Please sign in">
      <p>This page is for {people}.</p>
      <SignInButton isMain />
    </Empty>
  );
}
