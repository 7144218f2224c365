import { useEffect, useState } from "react";
import { useClient } from "urql";
import {
  ClaimReviewDocument,
  ResolveReviewDocument,
  type ReviewFragment,
  UndoReviewDocument,
} from "@/pages/reviews/operations.generated";
import type { ReviewQueue } from "@/pages/reviews/useReviewQueue";

/** A decision that can be taken back. */
export interface Decision {
  id: string;
  /** what was typed, to know it by */
  typed: string;
  said: string;
}

export type Desk = ReturnType<typeof useDesk>;

const NONE: ReadonlySet<string> = new Set();

/**
 * The one item that a reviewer has before them. It is claimed before it is shown, so no two look at the same; what
 * somebody else has claimed is passed over.
 */
export function useDesk({ items, reviewer, leave, comeBack }: ReviewQueue) {
  const client = useClient();
  const [current, setCurrent] = useState<ReviewFragment | null>(null);
  const [last, setLast] = useState<Decision | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [passed, setPassed] = useState(NONE);

  const free = items.find((task) => !passed.has(task.id) && isFree(task, reviewer))?.id;
  useEffect(() => {
    if (current || !free || !reviewer) return;
    let isStale = false;
    const claim = async () => {
      const { data, error } = await client.mutation(ClaimReviewDocument, { id: free, reviewer });
      if (isStale) return;
      const answer = data?.claimReview;
      setProblem(error?.message ?? null);
      if (answer?.matchTask) setCurrent(answer.matchTask);
      else if (answer?.problems.some(({ code }) => code === "NOT_IN_REVIEW")) leave(free);
      else setPassed((known) => new Set(known).add(free));
    };
    void claim();
    return () => {
      isStale = true;
    };
  }, [client, current, free, reviewer, leave]);

  const decide = async (addressId: string | null, said: string) => {
    if (!current || isBusy) return;
    setBusy(true);
    const input = { id: current.id, reviewer, addressId };
    const { data, error } = await client.mutation(ResolveReviewDocument, { input });
    setBusy(false);
    const refused = error?.message ?? data?.resolveReview.problems[0]?.message ?? null;
    setProblem(refused);
    if (refused) return;
    leave(current.id);
    setLast({ id: current.id, typed: current.typedAddress?.address ?? "", said });
    setCurrent(null);
  };

  const undo = async () => {
    if (!last || isBusy) return;
    setBusy(true);
    const { data, error } = await client.mutation(UndoReviewDocument, { id: last.id, reviewer });
    setBusy(false);
    const task = data?.undoReview.matchTask;
    setProblem(error?.message ?? data?.undoReview.problems[0]?.message ?? null);
    if (!task) return;
    comeBack(task);
    setCurrent(task);
    setLast(null);
  };

  /** Leave it for later: the claim ends by itself. */
  const skip = () => {
    if (!current) return;
    setPassed(new Set(passed).add(current.id));
    setCurrent(null);
  };

  /** Look at what was passed over. */
  const lookAgain = () => setPassed(NONE);

  return { current, last, problem, isBusy, hasPassed: passed.size > 0, decide, undo, skip, lookAgain };
}

function isFree({ claimedBy, claimedUntil }: ReviewFragment, reviewer: string): boolean {
  return (
    !claimedBy || claimedBy === reviewer || (claimedUntil != null && Date.parse(claimedUntil) < Date.now())
  );
}
