import { useEffect, useRef } from "react";

/** Single keys that do something, unless somebody is typing or holds a modifier. */
export function useKeys(keys: readonly (readonly [key: string, act: () => void])[], isOn: boolean): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    if (!isOn) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const target = event.target as HTMLElement;
      if (target.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]"))
        return;
      // Enter on a button or a link is theirs.
      if (event.key === "Enter" && target.matches("button, a")) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = latest.current.find(([one]) => one === key)?.[1];
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [isOn]);
}
