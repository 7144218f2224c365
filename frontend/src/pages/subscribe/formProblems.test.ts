import { formProblems, refusedFields } from "@/pages/subscribe/formProblems";
import type { Typed } from "@/pages/subscribe/typed";

const GOOD: Typed = {
  name: "Ada",
  email: "ada@example.org",
  address: "Lindenstr. 9",
  postalCode: "10969",
  city: "Berlin",
  region: "",
  country: "DE",
};

test("a whole address can be sent", () => {
  expect(formProblems(GOOD)).toEqual({});
});

test("a city or a postal code is enough, none is not", () => {
  expect(formProblems({ ...GOOD, city: "" })).toEqual({});
  expect(formProblems({ ...GOOD, postalCode: "" })).toEqual({});
  expect(formProblems({ ...GOOD, city: "", postalCode: "" }).city).toBe(
    "Write one of these: Postal code or City.",
  );
});

test.each([
  ["DE", "1234", "Germany has no postal code of this form. It would look like 26133."],
  ["US", "ABC", "United States has no ZIP code of this form. It would look like 95014."],
])("a postal code that %s does not have is told with one it could have", (country, postalCode, said) => {
  expect(formProblems({ ...GOOD, country, postalCode }).postalCode).toBe(said);
});

test.each([
  ["DE", "D-10969"],
  ["GB", "ec1y8sy"],
  ["US", "95014 1234"],
  ["PT", "2725079"],
  ["AE", "whatever"],
])("what people write for %s is taken: %s", (country, postalCode) => {
  expect(formProblems({ ...GOOD, country, postalCode }).postalCode).toBeUndefined();
});

test("a refusal of the service stands at its field, or at the form", () => {
  const problems = [
    { field: "address.postalCode", message: "No such code." },
    { field: "idempotencyKey", message: "Used." },
    { field: null, message: "Not now." },
  ];
  expect(refusedFields(problems)).toEqual({ postalCode: "No such code.", form: "Not now." });
});
