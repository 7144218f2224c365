import type { ReviewFragment } from "@/pages/reviews/operations.generated";
import { project } from "@/pages/reviews/project";

type Candidate = ReviewFragment["candidates"][number];

/** Where the candidates are, to one another; drawn here, with nobody's map below. Nothing where no source says it. */
export function CandidateMap({ candidates, at }: { candidates: readonly Candidate[]; at: number }) {
  const placed = candidates.flatMap(({ address }, index) =>
    address.coordinates ? [{ index, ...address.coordinates }] : [],
  );
  if (placed.length === 0) return null;
  const { points, bar } = project(placed);
  const missing = candidates.length - placed.length;
  return (
    <figure className="map">
      <svg viewBox="0 0 320 180" role="img" aria-label={`Where ${placed.length} candidates are`}>
        <path className="map-grid" d="M0 60H320M0 120H320M80 0V180M160 0V180M240 0V180" />
        {points.map(({ x, y }, number) => {
          const index = placed[number]?.index ?? 0;
          return (
            <g
              key={index}
              transform={`translate(${x} ${y})`}
              className={index === at ? "map-dot is-here" : "map-dot"}
            >
              <circle r="11" />
              <text y="4">{index + 1}</text>
            </g>
          );
        })}
        <path className="map-bar" d={`M12 168v-5m0 5h${bar.width}v-5`} />
        <text className="map-scale" x="12" y="158">
          {bar.label}
        </text>
      </svg>
      <figcaption className="soft">
        North is up.{missing > 0 && ` Of ${missing} no source says where they are.`}
      </figcaption>
    </figure>
  );
}
