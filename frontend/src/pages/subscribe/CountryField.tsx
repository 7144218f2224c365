import { type ChangeEvent, useId } from "react";
import { COUNTRIES } from "@/pages/subscribe/countryRules";

interface CountryFieldProps {
  value: string;
  onChange: (event: ChangeEvent<HTMLSelectElement>) => void;
  problem?: string | undefined;
}

/** The country, which decides what the other fields are. */
export function CountryField({ value, onChange, problem }: CountryFieldProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>Country</label>
      <select
        id={id}
        name="country"
        autoComplete="country"
        value={value}
        onChange={onChange}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : undefined}
      >
        {COUNTRIES.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
      {problem && (
        <p className="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  );
}
