import { useState } from "react";
import { EvidencePicture } from "@/design/EvidencePicture";
import { TypedAndKnown } from "@/design/TypedAndKnown";
import { CandidateList } from "@/pages/reviews/CandidateList";
import { CandidateMap } from "@/pages/reviews/CandidateMap";
import type { ReviewFragment } from "@/pages/reviews/operations.generated";
import type { Desk } from "@/pages/reviews/useDesk";
import { useKeys } from "@/pages/reviews/useKeys";

interface ReviewProps {
  task: ReviewFragment;
  desk: Desk;
  hasKeys: boolean;
}

/** One doubtful match: what was typed, what it may be, and the three things to do about it. */
export function Review({ task, desk, hasKeys }: ReviewProps) {
  const [at, setAt] = useState(0);
  const [rejected, setRejected] = useState<ReadonlySet<string>>(new Set());
  const { candidates, typedAddress } = task;
  const chosen = candidates[at];
  const isRejected = chosen !== undefined && rejected.has(chosen.address.id);

  const accept = () => {
    if (chosen && !isRejected) void desk.decide(chosen.address.id, `is ${chosen.address.formatted}`);
  };
  const reject = () => {
    if (!chosen || isRejected) return;
    const gone = new Set(rejected).add(chosen.address.id);
    setRejected(gone);
    const next = candidates.findIndex((one) => !gone.has(one.address.id));
    if (next >= 0) setAt(next);
  };
  const isNew = () => void desk.decide(null, "is a new address");
  const move = (by: number) => setAt((at + by + candidates.length) % Math.max(1, candidates.length));

  const digits = candidates.map((_, index) => [String(index + 1), () => setAt(index)] as const);
  useKeys(
    [
      ["ArrowDown", () => move(1)],
      ["ArrowUp", () => move(-1)],
      ...digits,
      ["a", accept],
      ["Enter", accept],
      ["r", reject],
      ["n", isNew],
      ["s", desk.skip],
    ],
    hasKeys && !desk.isBusy,
  );

  const allRejected = candidates.every((one) => rejected.has(one.address.id));
  return (
    <div className="review">
      <section className="card review-candidates" aria-labelledby="candidates">
        <h2 id="candidates">It may be</h2>
        <CandidateList candidates={candidates} at={at} rejected={rejected} onChoose={setAt} />
        <CandidateMap candidates={candidates} at={at} />
      </section>
      <section className="card review-compared" aria-labelledby="compared">
        <h2 id="compared">{chosen ? `Typed, and candidate ${at + 1}` : "Typed"}</h2>
        {typedAddress && (
          <TypedAndKnown typed={typedAddress} known={chosen?.address} knownTitle={`Candidate ${at + 1}`} />
        )}
        {chosen && <EvidencePicture score={chosen.score} evidence={chosen.evidence} />}
      </section>
      <div className="review-actions">
        <button
          type="button"
          className={allRejected ? "button" : "button is-main"}
          onClick={accept}
          disabled={!chosen || isRejected || desk.isBusy}
        >
          Accept candidate {at + 1} <kbd>A</kbd>
        </button>
        <button
          type="button"
          className="button"
          onClick={reject}
          disabled={!chosen || isRejected || desk.isBusy}
        >
          Reject it <kbd>R</kbd>
        </button>
        <button
          type="button"
          className={allRejected ? "button is-main" : "button"}
          onClick={isNew}
          disabled={desk.isBusy}
        >
          New address <kbd>N</kbd>
        </button>
        <button type="button" className="button is-quiet" onClick={desk.skip} disabled={desk.isBusy}>
          Later <kbd>S</kbd>
        </button>
      </div>
    </div>
  );
}
