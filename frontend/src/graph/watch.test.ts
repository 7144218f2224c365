import { parse } from "graphql";
import { afterEach, beforeEach } from "vitest";

/** A server of graphql-transport-ws in place of the browser's socket. */
class FakeSocket extends EventTarget {
  static all: FakeSocket[] = [];
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readyState = FakeSocket.OPEN;
  sent: { type: string; id?: string; payload?: { variables: unknown } }[] = [];
  onopen?: () => void;
  onmessage?: (event: { data: string }) => void;
  onclose?: (event: { code: number; reason: string }) => void;
  onerror?: () => void;

  constructor() {
    super();
    FakeSocket.all.push(this);
    queueMicrotask(() => this.onopen?.());
  }

  send(text: string) {
    const message = JSON.parse(text);
    this.sent.push(message);
    if (message.type === "connection_init") this.say({ type: "connection_ack" });
  }

  say(message: unknown) {
    queueMicrotask(() => this.onmessage?.({ data: JSON.stringify(message) }));
  }

  close(code = 1000, reason = "") {
    this.readyState = FakeSocket.CLOSED;
    this.onclose?.({ code, reason });
  }
}

const DOCUMENT = parse(
  "subscription W($id: ID!, $after: String) { matchTask(id: $id, after: $after) { updateId } }",
);

beforeEach(() => {
  FakeSocket.all = [];
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.unstubAllGlobals();
});

async function subscribed(number: number) {
  return vi.waitFor(
    () => {
      const socket = FakeSocket.all[number];
      const message = socket?.sent.find(({ type }) => type === "subscribe");
      if (!socket || !message) throw new Error("not yet");
      return { socket, message };
    },
    { timeout: 5_000 },
  );
}

test("after a lost connection it goes on behind the last update that was seen", async () => {
  const { watch } = await import("@/graph/watch");
  const seen: string[] = [];
  const stop = watch<{ matchTask: { updateId: string } }, { id: string; after?: string | null }>(
    // biome-ignore lint/suspicious/noExplicitAny: the document is made here, without its types
    DOCUMENT as any,
    { id: "task-1" },
    { update: ({ matchTask }) => seen.push(matchTask.updateId) },
  );
  const first = await subscribed(0);
  expect(first.message.payload?.variables).toEqual({ id: "task-1", after: null });
  for (const updateId of ["1-0", "2-0"]) {
    first.socket.say({ id: first.message.id, type: "next", payload: { data: { matchTask: { updateId } } } });
  }
  await vi.waitFor(() => expect(seen).toEqual(["1-0", "2-0"]));

  first.socket.close(1006);
  const second = await subscribed(1);
  expect(second.message.payload?.variables).toEqual({ id: "task-1", after: "2-0" });
  stop();
});
