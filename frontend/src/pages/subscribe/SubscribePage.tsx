import { useState } from "react";
import { SubscribeForm } from "@/pages/subscribe/SubscribeForm";
import type { Typed } from "@/pages/subscribe/typed";
import { VerdictView } from "@/pages/subscribe/VerdictView";
import "@/pages/subscribe/subscribe.css";

/** The form of the magazine; after sending, the verdict on the address as it is found. */
export default function SubscribePage() {
  const [sent, setSent] = useState<{ taskId: string; typed: Typed } | null>(null);
  if (sent) return <VerdictView key={sent.taskId} {...sent} onAgain={() => setSent(null)} />;
  return (
    <div className="subscribe">
      <div className="subscribe-words">
        <h1>A magazine that finds its way to you</h1>
        <p className="subscribe-lead">
          Four times a year, on paper, at your door. Type your address the way you always do.
        </p>
        <ol className="subscribe-steps">
          <li>You write where you live. Typos are forgiven.</li>
          <li>We compare it with the addresses we know, while you watch.</li>
          <li>A letter tells you where the first issue goes.</li>
        </ol>
      </div>
      <SubscribeForm onSent={(taskId, typed) => setSent({ taskId, typed })} />
    </div>
  );
}
