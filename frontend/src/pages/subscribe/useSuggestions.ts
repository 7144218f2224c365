import { useEffect, useState } from "react";
import { useClient } from "urql";
import { SuggestAddressesDocument, type SuggestAddressesQuery } from "@/pages/subscribe/operations.generated";

export type Suggestion = SuggestAddressesQuery["suggestAddresses"][number];

const PAUSE = 120;
const SHORTEST = 3;

/** Addresses of the register that fit what is typed; asked for when the typing rests. */
export function useSuggestions(text: string, country: string, isWanted: boolean): Suggestion[] {
  const client = useClient();
  const [found, setFound] = useState<Suggestion[]>([]);
  const wanted = isWanted && text.trim().length >= SHORTEST ? text.trim().slice(0, 200) : "";

  useEffect(() => {
    if (!wanted) {
      setFound([]);
      return;
    }
    let isStale = false;
    const timer = setTimeout(async () => {
      const { data } = await client.query(SuggestAddressesDocument, { text: wanted, country });
      // Without suggestions the form still works: what cannot be asked is not worth a message.
      if (!isStale) setFound(data?.suggestAddresses ?? []);
    }, PAUSE);
    return () => {
      isStale = true;
      clearTimeout(timer);
    };
  }, [client, wanted, country]);

  return wanted ? found : [];
}
