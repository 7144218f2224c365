import { useState } from "react";
import { Empty } from "@/design/Empty";
import { Failure } from "@/design/Failure";
import { Loading } from "@/design/Loading";
import { Review } from "@/pages/reviews/Review";
import { useDesk } from "@/pages/reviews/useDesk";
import { useKeys } from "@/pages/reviews/useKeys";
import { useReviewQueue } from "@/pages/reviews/useReviewQueue";
import "@/pages/reviews/reviews.css";

const KEPT = "doorstep.review-keys";

/** The review queue: one doubtful match at a time, decided by keyboard. */
export default function ReviewsPage() {
  const queue = useReviewQueue();
  const desk = useDesk(queue);
  const [hasKeys, setKeys] = useState(() => localStorage.getItem(KEPT) !== "off");
  useKeys([["u", desk.undo]], hasKeys);

  if (queue.isLoading) return <Loading what="the review queue" />;
  if (queue.problem && queue.items.length === 0) {
    return (
      <Failure title="The review queue cannot be reached" onRetry={queue.again}>
        {queue.problem}
      </Failure>
    );
  }
  return (
    <div className="reviews">
      <header className="reviews-head">
        <h1>Reviews</h1>
        <p role="status" className="reviews-count">
          <strong>{queue.count}</strong> {queue.count === 1 ? "waits" : "wait"}
        </p>
        <label className="reviews-keys">
          <input
            type="checkbox"
            checked={hasKeys}
            onChange={(event) => {
              setKeys(event.target.checked);
              localStorage.setItem(KEPT, event.target.checked ? "on" : "off");
            }}
          />
          Keyboard shortcuts
        </label>
      </header>
      {desk.last && (
        <div className="notice is-good reviews-last" role="status">
          <span>
            <strong>{desk.last.typed}</strong>: {desk.last.said}.
          </span>
          <button type="button" className="button is-small" onClick={desk.undo} disabled={desk.isBusy}>
            Undo <kbd>U</kbd>
          </button>
        </div>
      )}
      {desk.problem && <Failure title="That did not work">{desk.problem}</Failure>}
      {desk.current ? (
        <Review key={desk.current.id} task={desk.current} desk={desk} hasKeys={hasKeys} />
      ) : (
        <Empty title={queue.count === 0 ? "Nothing waits for you" : "Nothing else waits for you"}>
          <p>What the engine is not sure of comes here by itself; you need not load the page again.</p>
          {desk.hasPassed && (
            <button type="button" className="button" onClick={desk.lookAgain}>
              Look at what was left for later
            </button>
          )}
        </Empty>
      )}
    </div>
  );
}
