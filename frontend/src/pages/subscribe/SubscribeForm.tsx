import { type ChangeEvent, type FormEvent, useRef, useState } from "react";
import { Failure } from "@/design/Failure";
import { Field } from "@/design/Field";
import { AddressCombobox } from "@/pages/subscribe/AddressCombobox";
import { CountryField } from "@/pages/subscribe/CountryField";
import { labelOf, likelyCountry, rulesOf } from "@/pages/subscribe/countryRules";
import type { Typed } from "@/pages/subscribe/typed";
import { useSubscribe } from "@/pages/subscribe/useSubscribe";

const FIELDS = { Z: "postalCode", C: "city", S: "region" } as const;

/** Who subscribes, and where to; the fields are those of the chosen country, in its order. */
export function SubscribeForm({ onSent }: { onSent: (taskId: string, typed: Typed) => void }) {
  const [typed, setTyped] = useState<Typed>(() => ({
    name: "",
    email: "",
    address: "",
    postalCode: "",
    city: "",
    region: "",
    country: likelyCountry(),
  }));
  const { send, problems, isSending } = useSubscribe((taskId) => onSent(taskId, typed));
  const form = useRef<HTMLFormElement>(null);

  const type = (event: ChangeEvent<HTMLInputElement | HTMLSelectElement>) =>
    setTyped({ ...typed, [event.target.name]: event.target.value });

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = await send(typed);
    const first = ["name", "email", "country", "address", "postalCode", "city", "region"].find(
      (name) => name in wrong,
    );
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };

  const { fields, required, example } = rulesOf(typed.country);
  const local = [...fields].filter((letter): letter is keyof typeof FIELDS => letter in FIELDS);
  return (
    <form className="card subscribe-form" ref={form} onSubmit={submit} noValidate aria-label="Subscribe">
      <div className="subscribe-row">
        <Field
          label="Name"
          name="name"
          autoComplete="name"
          maxLength={200}
          required
          value={typed.name}
          onChange={type}
          problem={problems.name}
        />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autoComplete="email"
          maxLength={254}
          required
          value={typed.email}
          onChange={type}
          problem={problems.email}
        />
      </div>
      <CountryField value={typed.country} onChange={type} problem={problems.country} />
      <AddressCombobox
        text={typed.address}
        country={typed.country}
        problem={problems.address}
        onType={(address) => setTyped({ ...typed, address })}
        onChoose={({ address, postalCode, city, region, country }) =>
          setTyped({
            ...typed,
            address,
            postalCode: postalCode ?? "",
            city: city ?? "",
            region: region ?? "",
            country: country ?? typed.country,
          })
        }
      />
      <div className="subscribe-row">
        {local.map((letter) => (
          <Field
            key={letter}
            label={labelOf(letter, typed.country)}
            name={FIELDS[letter]}
            autoComplete={{ Z: "postal-code", C: "address-level2", S: "address-level1" }[letter]}
            maxLength={letter === "Z" ? 40 : 200}
            required={required.includes(letter)}
            value={typed[FIELDS[letter]]}
            onChange={type}
            hint={letter === "Z" && example ? `For example ${example}` : undefined}
            problem={problems[FIELDS[letter]]}
          />
        ))}
      </div>
      {problems.form && <Failure title={problems.form} />}
      <button type="submit" className="button is-main" disabled={isSending}>
        {isSending ? "Sending…" : "Subscribe"}
      </button>
    </form>
  );
}
