/** A piece of a text, and whether the other text has it too. */
export interface Piece {
  text: string;
  isShared: boolean;
}

/**
 * The pieces of a text, compared with another one letter by letter; case and accents are no difference.
 *
 * The letters they share are the longest common subsequence, so a typo stands out and nothing around it does.
 */
export function diffText(text: string, other: string): Piece[] {
  const [one, two] = [[...text], [...other]];
  const [a, b] = [one.map(plain), two.map(plain)];
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint16Array;
      const below = lengths[i + 1] as Uint16Array;
      row[j] = a[i] === b[j] ? (below[j + 1] ?? 0) + 1 : Math.max(below[j] ?? 0, row[j + 1] ?? 0);
    }
  }
  const pieces: Piece[] = [];
  let j = 0;
  for (let i = 0; i < a.length; i++) {
    while (j < b.length && a[i] !== b[j] && (lengths[i]?.[j + 1] ?? 0) > (lengths[i + 1]?.[j] ?? 0)) j++;
    const isShared = j < b.length && a[i] === b[j];
    if (isShared) j++;
    const last = pieces.at(-1);
    if (last?.isShared === isShared) last.text += one[i];
    else pieces.push({ text: one[i] ?? "", isShared });
  }
  return pieces;
}

/** Whether two texts differ in more than case, accents and spaces around. */
export function isDifferent(one: string, other: string): boolean {
  return plain(one.trim()) !== plain(other.trim());
}

function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
