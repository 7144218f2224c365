import type { ReviewFragment } from "@/pages/reviews/operations.generated";

type Candidate = ReviewFragment["candidates"][number];

interface CandidateListProps {
  candidates: readonly Candidate[];
  at: number;
  rejected: ReadonlySet<string>;
  onChoose: (index: number) => void;
}

/** The nearest known addresses, the likeliest first. */
export function CandidateList({ candidates, at, rejected, onChoose }: CandidateListProps) {
  if (candidates.length === 0) return <p className="soft">No known address is near.</p>;
  return (
    <ol className="candidates">
      {candidates.map(({ address, score }, index) => (
        <li key={address.id}>
          <button
            type="button"
            aria-pressed={index === at}
            className={rejected.has(address.id) ? "candidate is-rejected" : "candidate"}
            onClick={() => onChoose(index)}
          >
            <kbd>{index + 1}</kbd>
            <span className="candidate-text">
              <span className="candidate-line">{address.address}</span>
              <span className="soft">
                {[address.postalCode, address.city, address.country].filter(Boolean).join(" ")}
              </span>
            </span>
            <span className="candidate-score">
              {Math.round(score * 100)} %
              {rejected.has(address.id) && <span className="candidate-word">rejected</span>}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
