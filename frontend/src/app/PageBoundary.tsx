import { Component, type ReactNode } from "react";
import { Failure } from "@/design/Failure";

/** Shows what went wrong in place of a page that broke, or whose code could not be loaded. */
export class PageBoundary extends Component<{ children: ReactNode }, { problem: Error | null }> {
  override state = { problem: null };

  static getDerivedStateFromError(problem: Error) {
    return { problem };
  }

  override render() {
    if (!this.state.problem) return this.props.children;
    return (
      <Failure title="This page could not be shown" onRetry={() => location.reload()}>
        Nothing you have sent is lost. Load the page again; if that does not help, tell whoever runs Doorstep.
      </Failure>
    );
  }
}
