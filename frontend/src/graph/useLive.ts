import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { useEffect, useRef, useState } from "react";
import { type Updates, watch } from "@/graph/watch";

/**
 * Watch a live subscription for as long as the component is there; `null` variables: not now.
 *
 * `onUpdate` gets every update once and in order. What is returned is why there will be none, when the graph has refused.
 */
export function useLive<Data extends Updates, Variables extends { after?: string | null | undefined }>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables, "after"> | null,
  onUpdate: (data: Data) => void,
): string | null {
  const [refusal, setRefusal] = useState<string | null>(null);
  const latest = useRef(onUpdate);
  useEffect(() => {
    latest.current = onUpdate;
  });

  // Variables are compared by what they say: a new object with the same values is no other subscription.
  const key = variables && JSON.stringify(variables);
  useEffect(() => {
    setRefusal(null);
    if (key === null) return;
    return watch(document, JSON.parse(key) as Omit<Variables, "after">, {
      update: (data) => latest.current(data),
      refused: setRefusal,
    });
  }, [document, key]);
  return refusal;
}
