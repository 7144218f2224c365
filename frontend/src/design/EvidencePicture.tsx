/** What one comparison says for or against a candidate. */
export interface EvidenceItem {
  field: string;
  typed?: string | null;
  known?: string | null;
  contribution: number;
  note?: string | null;
  contradicts: boolean;
}

const NAMES: Record<string, string> = { postal_code: "postal code", house_number: "house number" };

/** The score as the sum of its parts: a bar to the right speaks for the address, one to the left against it. */
export function EvidencePicture({
  score,
  evidence,
}: {
  score: number | null;
  evidence: readonly EvidenceItem[];
}) {
  const longest = Math.max(0.5, ...evidence.map((item) => Math.abs(item.contribution)));
  return (
    <div className="evidence">
      {score !== null && (
        <p className="evidence-score">
          <strong>{percent(score)}</strong> that it is this one
        </p>
      )}
      <ul>
        {evidence.map((item) => (
          <li key={`${item.field} ${item.typed} ${item.known}`}>
            <span className="evidence-field">{NAMES[item.field] ?? item.field.replaceAll("_", " ")}</span>
            <Bar share={item.contribution / longest} contradicts={item.contradicts} />
            <span className="evidence-number">
              <span className="for-readers">{item.contribution < 0 ? "against" : "for"} </span>
              {signed(item.contribution)}
            </span>
            {item.note && <span className="evidence-note">{item.note}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Bar({ share, contradicts }: { share: number; contradicts: boolean }) {
  const width = Math.max(1, Math.abs(share) * 50);
  return (
    <svg viewBox="0 0 100 10" preserveAspectRatio="none" className="evidence-bar" aria-hidden="true">
      <line x1="50" y1="0" x2="50" y2="10" vectorEffect="non-scaling-stroke" />
      <rect
        x={share < 0 ? 50 - width : 50}
        y="1.5"
        width={width}
        height="7"
        className={share < 0 || contradicts ? "is-against" : "is-for"}
      />
    </svg>
  );
}

function percent(score: number): string {
  // Never a certainty: rounded up to 100 % it would be one.
  const shown = Math.min(99.9, score * 100);
  return `${shown >= 99 ? shown.toFixed(1) : Math.round(shown)} %`;
}

function signed(number: number): string {
  return `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(1)}`;
}
