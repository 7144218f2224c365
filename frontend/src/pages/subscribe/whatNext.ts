/** What a status means for the person who has subscribed, and what happens next. */
export function whatNext(
  status: string,
  email: string,
  problem: string | null | undefined,
): { title: string; text: string } {
  switch (status) {
    case "MATCHED":
      return {
        title: "We know this address",
        text: `Your first issue goes there. A letter to ${email} confirms it.`,
      };
    case "IN_REVIEW":
      return {
        title: "Somebody will have a look",
        text: `It is near an address we know, but not near enough to be sure. A person decides, and a letter to ${email} tells you. You may close this page.`,
      };
    case "NEW":
      return {
        title: "This address is new to us",
        text: `We keep it exactly as you typed it, and your first issue goes there. A letter to ${email} confirms it.`,
      };
    case "FAILED":
      return {
        title: "We could not check this address",
        text: `Your subscription is kept, and we have been told. ${problem ?? ""}`.trim(),
      };
    case "CANCELLED":
      return {
        title: "This address is not needed any more",
        text: "You have given another one, or have unsubscribed, since you sent it.",
      };
    default:
      return { title: "Looking for your address", text: "This takes a moment." };
  }
}
