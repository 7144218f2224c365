import { useCallback, useState } from "react";
import { useQuery } from "urql";
import { useLive } from "@/graph/useLive";
import {
  type ReviewFragment,
  ReviewQueueDocument,
  WatchReviewQueueDocument,
} from "@/pages/reviews/operations.generated";

export type ReviewQueue = ReturnType<typeof useReviewQueue>;

const PAGE = 50;

/** What waits for a reviewer: the oldest items, how many there are, and who is asking; followed as it changes. */
export function useReviewQueue() {
  const [{ data, error, fetching }, ask] = useQuery({
    query: ReviewQueueDocument,
    variables: { first: PAGE },
    requestPolicy: "network-only",
  });
  const [changes, setChanges] = useState<Changes>(NONE);

  const again = useCallback(() => {
    setChanges(NONE);
    ask({ requestPolicy: "network-only" });
  }, [ask]);

  const refusal = useLive(WatchReviewQueueDocument, {}, ({ reviewQueue }) => {
    const { change, matchTask } = reviewQueue;
    setChanges((known) => (change === "ADDED" ? withAdded(known, matchTask) : withGone(known, matchTask.id)));
  });

  /** It is decided here, whatever the live updates say later. */
  const leave = useCallback((id: string) => setChanges((known) => withGone(known, id)), []);
  /** It is in the queue again. */
  const comeBack = useCallback((task: ReviewFragment) => setChanges((known) => withAdded(known, task)), []);

  const listed = data?.reviewQueue.nodes ?? [];
  const added = [...changes.added.values()].filter((task) => !listed.some((one) => one.id === task.id));
  const items = [...listed, ...added].filter((task) => !changes.gone.has(task.id));
  const goneFromPage = listed.filter((task) => changes.gone.has(task.id)).length;
  const count = (data?.reviewQueue.totalCount ?? 0) + added.length - goneFromPage;

  return {
    items,
    count: Math.max(count, items.length),
    reviewer: data?.me?.username ?? "",
    isLoading: fetching && !data,
    problem: error?.message ?? refusal,
    again,
    leave,
    comeBack,
  };
}

/** What happened since the list was asked for. */
interface Changes {
  added: ReadonlyMap<string, ReviewFragment>;
  gone: ReadonlySet<string>;
}

const NONE: Changes = { added: new Map(), gone: new Set() };

function withAdded({ added, gone }: Changes, task: ReviewFragment): Changes {
  const left = new Set(gone);
  left.delete(task.id);
  return { added: new Map(added).set(task.id, task), gone: left };
}

function withGone({ added, gone }: Changes, id: string): Changes {
  const left = new Map(added);
  left.delete(id);
  return { added: left, gone: new Set(gone).add(id) };
}
