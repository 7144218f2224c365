import { useEffect, useRef, useState } from "react";
import { EvidencePicture } from "@/design/EvidencePicture";
import { Failure } from "@/design/Failure";
import { StatusBadge } from "@/design/StatusBadge";
import { TypedAndKnown } from "@/design/TypedAndKnown";
import { useLive } from "@/graph/useLive";
import { type VerdictFragment, WatchVerdictDocument } from "@/pages/subscribe/operations.generated";
import type { Typed } from "@/pages/subscribe/typed";
import { whatNext } from "@/pages/subscribe/whatNext";

interface VerdictViewProps {
  taskId: string;
  typed: Typed;
  onAgain: () => void;
}

/** The verdict on an address, from the moment it is sent until it is settled. */
export function VerdictView({ taskId, typed, onAgain }: VerdictViewProps) {
  const [task, setTask] = useState<VerdictFragment | null>(null);
  const refusal = useLive(WatchVerdictDocument, { id: taskId }, (data) => setTask(data.matchTask.matchTask));
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  const status = task?.status ?? "QUEUED";
  const { title, text } = whatNext(status, typed.email, task?.problem);
  const nearest = task?.candidates[0]?.address;
  const known = task?.address ?? (status === "IN_REVIEW" || status === "NEW" ? nearest : undefined);
  const isLooking = status === "QUEUED" || status === "RUNNING";
  return (
    <div className="verdict">
      <header className="verdict-head">
        <StatusBadge status={status} />
        {/* Said again whenever it changes; the focus is here once, after the form has gone. */}
        <div role="status">
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className="verdict-next">{text}</p>
        </div>
      </header>
      {refusal && (
        <Failure title="The verdict cannot be watched">{refusal} Your subscription is kept.</Failure>
      )}
      {isLooking ? (
        <div className="card verdict-looking" aria-hidden="true">
          <div className="verdict-sweep" />
        </div>
      ) : (
        <div className="verdict-parts">
          <section className="card" aria-labelledby="compared">
            <h2 id="compared">{task?.address ? "As you typed it, as we know it" : "Your address"}</h2>
            <TypedAndKnown
              typed={typed}
              known={known}
              knownTitle={task?.address ? "As we know it" : "The nearest we know"}
            />
          </section>
          {task && task.evidence.length > 0 && (
            <section className="card" aria-labelledby="evidence">
              <h2 id="evidence">How sure we are</h2>
              <EvidencePicture score={task.score ?? null} evidence={task.evidence} />
            </section>
          )}
        </div>
      )}
      <button type="button" className="button" onClick={onAgain}>
        Subscribe somebody else
      </button>
    </div>
  );
}
