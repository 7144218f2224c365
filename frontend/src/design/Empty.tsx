import type { ReactNode } from "react";

/** There is nothing to show, why, and what to do next. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <section className="state">
      <Doormat />
      <h1 className="state-title">{title}</h1>
      <div className="state-text">{children}</div>
    </section>
  );
}

function Doormat() {
  return (
    <svg viewBox="0 0 96 64" width="96" height="64" aria-hidden="true" className="line-icon state-picture">
      <path d="M32 50V24a16 16 0 0 1 32 0v26" />
      <path d="M12 50h72M22 57h52" />
      <circle cx="57" cy="37" r="1.5" />
    </svg>
  );
}
