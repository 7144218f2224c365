/** A place on earth, in degrees. */
export interface Place {
  latitude: number;
  longitude: number;
}

const [WIDTH, HEIGHT, MARGIN] = [320, 180, 28];
const METRES_PER_DEGREE = 111_320;
/** What lies nearer together than this is shown as far apart as it is, not blown up to fill the map. */
const SMALLEST = 200;

/** Places on a plane of 320 by 180, all of them in sight, and a bar that says how far it is. */
export function project(places: readonly Place[]): {
  points: { x: number; y: number }[];
  bar: { width: number; label: string };
} {
  const middle = {
    latitude: (Math.max(...places.map((p) => p.latitude)) + Math.min(...places.map((p) => p.latitude))) / 2,
    longitude:
      (Math.max(...places.map((p) => p.longitude)) + Math.min(...places.map((p) => p.longitude))) / 2,
  };
  // A degree of longitude is shorter the farther from the equator; at this scale that is all there is to it.
  const narrow = Math.cos((middle.latitude * Math.PI) / 180);
  const metres = places.map(({ latitude, longitude }) => ({
    east: (longitude - middle.longitude) * METRES_PER_DEGREE * narrow,
    north: (latitude - middle.latitude) * METRES_PER_DEGREE,
  }));
  const reach = Math.max(
    SMALLEST / (HEIGHT - 2 * MARGIN),
    ...metres.map(({ east }) => Math.abs(east) / (WIDTH / 2 - MARGIN)),
    ...metres.map(({ north }) => Math.abs(north) / (HEIGHT / 2 - MARGIN)),
  );
  const length = roundLength(reach * 90);
  return {
    points: metres.map(({ east, north }) => ({ x: WIDTH / 2 + east / reach, y: HEIGHT / 2 - north / reach })),
    bar: { width: length / reach, label: length >= 1000 ? `${length / 1000} km` : `${length} m` },
  };
}

/** The longest of 1, 2, 5, 10, … that is not longer. */
function roundLength(metres: number): number {
  const ten = 10 ** Math.floor(Math.log10(metres));
  return ([5, 2].find((step) => step * ten <= metres) ?? 1) * ten;
}
