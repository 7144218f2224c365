import { Link } from "wouter";
import { ROUTES } from "@/app/routes";
import { hasRole } from "@/identity/session";
import { useSession } from "@/identity/useSession";

/** The pages that whoever is here may go to. */
export function Navigation() {
  const session = useSession();
  const shown = ROUTES.filter((route) => !route.isHidden && (!route.roles || hasRole(session, route.roles)));
  return (
    <>
      <Link href="/" className="shell-brand">
        <img src="/icon.svg" alt="" width="28" height="28" />
        Doorstep
      </Link>
      <nav className="shell-navigation" aria-label="Pages">
        <ul>
          {shown.map(({ path, title }) => (
            <li key={path}>
              <NavigationLink path={path} title={title} />
            </li>
          ))}
        </ul>
      </nav>
    </>
  );
}

function NavigationLink({ path, title }: { path: string; title: string }) {
  return (
    <Link href={path} className={(isHere) => (isHere ? "is-here" : "")}>
      {title}
    </Link>
  );
}
