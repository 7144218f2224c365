import { labelOf, postalCodeProblem } from "@/pages/subscribe/countryRules";
import type { Typed } from "@/pages/subscribe/typed";

export type FormProblems = Partial<Record<keyof Typed, string>>;

/** What keeps the form from being sent, by field. The service has the last word; this spares the way to it. */
export function formProblems(typed: Typed): FormProblems {
  const problems: FormProblems = {};
  if (!typed.name.trim()) problems.name = "Write the name that belongs on the letter.";
  if (!/^\S+@\S+\.\S+$/.test(typed.email.trim()))
    problems.email = "Write an e-mail address, like ada@example.org.";
  if (!typed.address.trim()) problems.address = "Write the street and the number.";
  const postal = postalCodeProblem(typed.postalCode, typed.country);
  if (postal) problems.postalCode = postal;
  if (!typed.postalCode.trim() && !typed.city.trim()) {
    const names = [labelOf("Z", typed.country), labelOf("C", typed.country)];
    problems.city = `Write one of these: ${names.join(" or ")}.`;
  }
  return problems;
}

/** The service's refusals, by the field of the form that each is about; under `form` those about no single one. */
export function refusedFields(
  problems: readonly { field?: string | null; message: string }[],
): FormProblems & { form?: string } {
  const found: Record<string, string> = {};
  for (const { field, message } of problems) {
    const name = field?.split(".").at(-1) ?? "form";
    const known = ["name", "email", "address", "postalCode", "city", "region", "country"].includes(name);
    found[known ? name : "form"] = message;
  }
  return found;
}
