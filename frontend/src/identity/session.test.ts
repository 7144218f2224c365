import type { Tokens } from "@/identity/provider";

const KEPT = "doorstep.session";

/** An access token as the provider makes them; nobody verifies it here. */
function token(claims: object): string {
  return `e30.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.signature`;
}

function granted(name: string, seconds: number): Tokens {
  const access_token = token({ sub: "7", roles: ["reviewer"], jti: name });
  return { access_token, refresh_token: `refresh-${name}`, expires_in: seconds };
}

const provider = { fetchTokens: vi.fn(), revoke: vi.fn() };

beforeEach(() => {
  localStorage.clear();
  vi.resetModules();
  vi.resetAllMocks();
  vi.doMock("@/identity/provider", () => ({ ...provider, Refused: class Refused extends Error {} }));
  // One holder at a time, as the browser's own locks have it.
  let last: Promise<unknown> = Promise.resolve();
  vi.stubGlobal("navigator", {
    locks: {
      request: (_: string, work: () => Promise<unknown>) => {
        last = last.then(work, work);
        return last;
      },
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("a token that is good for a while is used as it is", async () => {
  const session = await import("@/identity/session");
  session.begin(granted("first", 600));

  expect(await session.accessToken()).toBe(granted("first", 600).access_token);
  expect(session.hasRole(session.currentSession(), ["reviewer", "admin"])).toBe(true);
  expect(provider.fetchTokens).not.toHaveBeenCalled();
});

test("one that is about to end is renewed once, whoever asks at that moment", async () => {
  const session = await import("@/identity/session");
  session.begin(granted("first", 10));
  provider.fetchTokens.mockResolvedValue(granted("second", 600));

  const got = await Promise.all([session.accessToken(), session.accessToken(), session.accessToken()]);
  expect(new Set(got)).toEqual(new Set([granted("second", 600).access_token]));
  expect(provider.fetchTokens).toHaveBeenCalledExactlyOnceWith({
    grant_type: "refresh_token",
    refresh_token: "refresh-first",
  });
});

test("what another tab has renewed is taken, and no refresh token is used twice", async () => {
  const session = await import("@/identity/session");
  session.begin(granted("first", 10));
  const kept = JSON.parse(localStorage.getItem(KEPT) ?? "");
  const other = { ...kept, accessToken: "of-the-other-tab", expiresAt: Date.now() + 600_000 };
  localStorage.setItem(KEPT, JSON.stringify(other));

  expect(await session.accessToken()).toBe("of-the-other-tab");
  expect(provider.fetchTokens).not.toHaveBeenCalled();
});

test("whom the provider refuses is signed out; whom the network fails is not", async () => {
  const session = await import("@/identity/session");
  const { Refused } = await import("@/identity/provider");
  session.begin(granted("first", 10));
  provider.fetchTokens.mockRejectedValueOnce(new TypeError("the network is gone"));
  await expect(session.accessToken()).rejects.toThrow("the network is gone");
  expect(session.currentSession()?.subject).toBe("7");

  provider.fetchTokens.mockRejectedValueOnce(new Refused("invalid_grant"));
  expect(await session.accessToken()).toBeNull();
  expect(session.currentSession()).toBeNull();
});

test("signing out forgets the tokens and calls the refresh token back", async () => {
  const session = await import("@/identity/session");
  session.begin(granted("first", 600));
  provider.revoke.mockResolvedValue(undefined);
  await session.end();

  expect(localStorage.getItem(KEPT)).toBeNull();
  expect(provider.revoke).toHaveBeenCalledWith("refresh-first");
});
