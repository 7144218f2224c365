import { Link } from "wouter";
import { Empty } from "@/design/Empty";

/** An address that no page has. */
export function NotFoundPage() {
  return (
    <Empty title="Nothing lives at this address">
      <p>
        The link may be old, or mistyped. <Link href="/">Go to the front page</Link>.
      </p>
    </Empty>
  );
}
