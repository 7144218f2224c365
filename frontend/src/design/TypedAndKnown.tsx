import { diffText, isDifferent } from "@/design/diffText";

/** An address by its fields. */
export interface AddressFields {
  address: string;
  postalCode?: string | null;
  city?: string | null;
  region?: string | null;
  country?: string | null;
}

const FIELDS = [
  ["address", "Street and number"],
  ["postalCode", "Postal code"],
  ["city", "City"],
  ["region", "Region"],
  ["country", "Country"],
] as const;

interface TypedAndKnownProps {
  typed: AddressFields;
  known?: AddressFields | null | undefined;
  knownTitle: string;
}

/** Two addresses side by side, field by field. What differs is underlined, and a word says so as well. */
export function TypedAndKnown({ typed, known, knownTitle }: TypedAndKnownProps) {
  const rows = FIELDS.filter(([field]) => typed[field] || known?.[field]);
  return (
    <table className="compared">
      <thead>
        <tr>
          <th scope="col">
            <span className="for-readers">Field</span>
          </th>
          <th scope="col">As typed</th>
          {known && <th scope="col">{knownTitle}</th>}
        </tr>
      </thead>
      <tbody>
        {rows.map(([field, label]) => {
          const [one, other] = [typed[field] ?? "", known?.[field] ?? ""];
          const differs = known !== undefined && known !== null && isDifferent(one, other);
          return (
            <tr key={field} className={differs ? "is-different" : undefined}>
              <th scope="row">
                {label}
                {differs && (
                  <span className="compared-word">{one ? (other ? "differs" : "only typed") : "added"}</span>
                )}
              </th>
              <td data-title="As typed">
                <Marked text={one} other={other} isMarked={differs} />
              </td>
              {known && (
                <td data-title={knownTitle}>
                  <Marked text={other} other={one} isMarked={differs} />
                </td>
              )}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Marked({ text, other, isMarked }: { text: string; other: string; isMarked: boolean }) {
  if (!text) return <span className="soft">–</span>;
  if (!isMarked) return text;
  let at = 0;
  return diffText(text, other).map(({ text: piece, isShared }) => {
    const key = at;
    at += piece.length;
    return isShared ? <span key={key}>{piece}</span> : <mark key={key}>{piece}</mark>;
  });
}
