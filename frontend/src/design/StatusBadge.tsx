import { Badge, type Tone } from "@/design/Badge";

const SAID: Record<string, [Tone, string]> = {
  QUEUED: ["plain", "Waiting"],
  RUNNING: ["busy", "Looking"],
  MATCHED: ["good", "Known address"],
  IN_REVIEW: ["unsure", "In review"],
  NEW: ["new", "New address"],
  FAILED: ["bad", "Failed"],
  CANCELLED: ["plain", "Cancelled"],
};

/** How far a match task is. */
export function StatusBadge({ status }: { status: string }) {
  const [tone, text] = SAID[status] ?? ["plain", status];
  return <Badge tone={tone}>{text}</Badge>;
}
