import { useRef, useState } from "react";
import { useMutation } from "urql";
import { type FormProblems, formProblems, refusedFields } from "@/pages/subscribe/formProblems";
import { SubscribeDocument } from "@/pages/subscribe/operations.generated";
import type { Typed } from "@/pages/subscribe/typed";

/** Sends the form: gives the id of the match task to watch, or says what is wrong. */
export function useSubscribe(onSent: (taskId: string) => void) {
  const [{ fetching }, subscribe] = useMutation(SubscribeDocument);
  const [problems, setProblems] = useState<FormProblems & { form?: string }>({});
  const attempt = useRef({ key: "", said: "" });

  const send = async (typed: Typed): Promise<FormProblems> => {
    const wrong = formProblems(typed);
    setProblems(wrong);
    if (Object.keys(wrong).length > 0) return wrong;
    // Sent again after a lost answer it is the same subscription; changed, it is another one.
    const said = JSON.stringify(typed);
    if (attempt.current.said !== said) attempt.current = { key: crypto.randomUUID(), said };
    const { name, email, address, postalCode, city, region, country } = typed;
    const { data, error } = await subscribe({
      input: {
        name,
        email,
        address: {
          address,
          postalCode: postalCode || null,
          city: city || null,
          region: region || null,
          country,
        },
        idempotencyKey: attempt.current.key,
      },
    });
    const answer = data?.subscribe;
    if (answer?.matchTask) {
      onSent(answer.matchTask.id);
      return {};
    }
    const why = answer?.problems.length
      ? refusedFields(answer.problems)
      : {
          form: error?.networkError
            ? "Doorstep cannot be reached. Send it again in a moment; nothing is sent twice."
            : "This did not work. Send it again in a moment.",
        };
    setProblems(why);
    return why;
  };

  return { send, problems, isSending: fetching };
}
