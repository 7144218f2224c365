import { useEffect, useState } from "react";

type Theme = "light" | "dark";
const KEPT = "doorstep.theme";

/** Light or dark: as the system has it, until somebody chooses. */
export function ThemeSwitch() {
  const [chosen, setChosen] = useState<Theme | null>(() => kept());
  const [isSystemDark, setSystemDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);

  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const changed = () => setSystemDark(query.matches);
    query.addEventListener("change", changed);
    return () => query.removeEventListener("change", changed);
  }, []);

  useEffect(() => {
    if (chosen) {
      document.documentElement.dataset.theme = chosen;
      localStorage.setItem(KEPT, chosen);
    }
  }, [chosen]);

  const shown: Theme = chosen ?? (isSystemDark ? "dark" : "light");
  const other: Theme = shown === "dark" ? "light" : "dark";
  return (
    <button
      type="button"
      className="button is-quiet is-icon"
      aria-label={`Change to ${other} colours`}
      title={`Change to ${other} colours`}
      onClick={() => setChosen(other)}
    >
      {shown === "dark" ? <Sun /> : <Moon />}
    </button>
  );
}

function kept(): Theme | null {
  const value = localStorage.getItem(KEPT);
  return value === "light" || value === "dark" ? value : null;
}

function Sun() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="line-icon">
      <circle cx="12" cy="12" r="4" />
      <path d="M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19" />
    </svg>
  );
}

function Moon() {
  return (
    <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true" className="line-icon">
      <path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5Z" />
    </svg>
  );
}
