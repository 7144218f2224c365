import { type KeyboardEvent, useId, useState } from "react";
import { type Suggestion, useSuggestions } from "@/pages/subscribe/useSuggestions";

interface AddressComboboxProps {
  text: string;
  country: string;
  problem?: string | undefined;
  onType: (text: string) => void;
  onChoose: (address: Suggestion) => void;
}

/** The street with suggestions from the register: the editable combobox of the ARIA Authoring Practices, version 1.2. */
export function AddressCombobox({ text, country, problem, onType, onChoose }: AddressComboboxProps) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const suggestions = useSuggestions(text, country, isOpen);
  const isShown = isOpen && suggestions.length > 0;

  const choose = (address: Suggestion) => {
    onChoose(address);
    setOpen(false);
    setActive(-1);
  };

  const move = (event: KeyboardEvent) => {
    const count = suggestions.length;
    if (event.key === "Escape" && isShown) {
      setOpen(false);
      setActive(-1);
    } else if (event.key === "ArrowDown" && !isOpen) {
      setOpen(true);
    } else if (event.key === "ArrowDown" && isShown) {
      setActive((active + 1) % count);
    } else if (event.key === "ArrowUp" && isShown) {
      setActive(active <= 0 ? count - 1 : active - 1);
    } else if (event.key === "Enter" && isShown && suggestions[active]) {
      choose(suggestions[active]);
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="field combobox">
      <label htmlFor={id}>Street and number</label>
      <input
        id={id}
        name="address"
        role="combobox"
        aria-expanded={isShown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isShown && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? `${id}-problem` : `${id}-hint`}
        // Not the browser's own list above ours.
        autoComplete="off"
        spellCheck={false}
        maxLength={500}
        required
        value={text}
        onChange={(event) => {
          onType(event.target.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={move}
        onBlur={() => setOpen(false)}
      />
      {/* The input keeps the focus and the keyboard: options are only pointed at. */}
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Known addresses"
        className="combobox-list"
        hidden={!isShown}
      >
        {suggestions.map((address, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the focus and hears the keys
          <div
            key={address.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => choose(address)}
          >
            <strong>{address.address}</strong>
            <span>{[address.name, address.postalCode, address.city].filter(Boolean).join(" · ")}</span>
          </div>
        ))}
      </div>
      {problem ? (
        <p className="field-problem" id={`${id}-problem`}>
          {problem}
        </p>
      ) : (
        <p className="field-hint" id={`${id}-hint`}>
          Type it as you would on an envelope; known addresses appear as you go.
        </p>
      )}
      <p className="for-readers" role="status">
        {isShown && `${suggestions.length} known addresses; choose with the arrow keys.`}
      </p>
    </div>
  );
}
