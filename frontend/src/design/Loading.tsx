/** Something is on its way; said to screen readers, and shown only when it takes a moment. */
export function Loading({ what }: { what: string }) {
  return (
    <div className="loading" role="status">
      <span className="loading-dots" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <span className="for-readers">Loading {what}</span>
    </div>
  );
}
