import { type ReactNode, useEffect, useRef } from "react";
import { useLocation } from "wouter";
import { Navigation } from "@/app/Navigation";
import { ROUTES } from "@/app/routes";
import { ThemeSwitch } from "@/app/ThemeSwitch";
import { ConnectionNotice } from "@/graph/ConnectionNotice";
import { Account } from "@/identity/Account";
import "@/app/shell.css";

/** What stays while pages change: the way around, who is signed in, and where the page goes. */
export function Shell({ children }: { children: ReactNode }) {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const previous = useRef(location);

  useEffect(() => {
    const route = ROUTES.find((one) => one.path === location);
    document.title = `${route?.title ?? "Nothing here"} – Doorstep`;
    // A screen reader goes on reading where the focus is: at the new page, but not on the first one.
    if (previous.current !== location) main.current?.focus();
    previous.current = location;
  }, [location]);

  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="shell-header">
        <div className="shell-bar">
          <Navigation />
          <div className="shell-tools">
            <ThemeSwitch />
            <Account />
          </div>
        </div>
      </header>
      <ConnectionNotice />
      <main id="main" className="shell-main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer className="shell-footer">Every subscription to the right doorstep.</footer>
    </>
  );
}
