import type { ReactNode } from "react";

/** Something went wrong: what, and a way to try again where there is one. */
export function Failure({
  title,
  children,
  onRetry,
}: {
  title: string;
  children?: ReactNode;
  onRetry?: () => void;
}) {
  return (
    <div className="notice is-bad" role="alert">
      <strong>{title}</strong>
      {children && <div>{children}</div>}
      {onRetry && (
        <button type="button" className="button is-small" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
