import { diffText, isDifferent } from "@/design/diffText";

const marked = (text: string, other: string) =>
  diffText(text, other)
    .map((piece) => (piece.isShared ? piece.text : `[${piece.text}]`))
    .join("");

test.each([
  ["8 stanly st", "8 Stanley Street", "8 stanly st"],
  ["8 Stanley Street", "8 stanly st", "8 Stanl[e]y St[reet]"],
  ["Muenchen", "München", "Mu[e]nchen"],
  ["4223", "4233", "42[2]3"],
  ["", "Berlin", ""],
  ["Berlin", "", "[Berlin]"],
])("of %j, beside %j, what only it has is marked: %j", (text, other, expected) => {
  expect(marked(text, other)).toBe(expected);
});

test("case, accents and spaces around are no difference", () => {
  expect(isDifferent(" MUNCHEN ", "München")).toBe(false);
  expect(isDifferent("Muenchen", "München")).toBe(true);
});
