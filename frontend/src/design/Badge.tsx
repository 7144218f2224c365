import type { ReactNode } from "react";

export type Tone = "good" | "unsure" | "new" | "bad" | "busy" | "plain";

/** A word with a colour; the word alone says everything. */
export function Badge({ tone, children }: { tone: Tone; children: ReactNode }) {
  return <span className={`badge is-${tone}`}>{children}</span>;
}
