import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SubscribeForm } from "@/pages/subscribe/SubscribeForm";
import { graphThatSays, WithGraph } from "@/testing/graph";

const LINDEN = {
  id: "1",
  name: null,
  address: "Lindenstraße 9",
  postalCode: "10969",
  city: "Berlin",
  region: null,
  country: "DE",
  formatted: "Lindenstraße 9, 10969 Berlin, DE",
};

function form(answers: Parameters<typeof graphThatSays>[0] = {}) {
  const onSent = vi.fn();
  const { asked, client } = graphThatSays({
    SuggestAddresses: () => ({
      suggestAddresses: [LINDEN, { ...LINDEN, id: "2", address: "Lindenallee 9" }],
    }),
    ...answers,
  });
  render(
    <WithGraph client={client}>
      <SubscribeForm onSent={onSent} />
    </WithGraph>,
  );
  return { asked, onSent, user: userEvent.setup() };
}

const options = () => {
  const list = screen.queryByRole("listbox", { name: "Known addresses" });
  return list ? within(list).getAllByRole("option") : [];
};
const address = () => screen.getByRole("combobox", { name: /street and number/i });

test("a suggestion is chosen by the keyboard alone and fills the address", async () => {
  const { user } = form();
  await user.selectOptions(screen.getByLabelText("Country"), "DE");
  await user.type(address(), "linden 9");
  await waitFor(() => expect(options()).toHaveLength(2));
  expect(address()).toHaveAttribute("aria-expanded", "true");

  await user.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}");
  expect(options()[0]).toHaveAttribute("aria-selected", "true");
  expect(address()).toHaveAttribute("aria-activedescendant", options()[0]?.id);
  await user.keyboard("{Enter}");

  expect(address()).toHaveValue("Lindenstraße 9");
  expect(screen.getByLabelText(/postal code/i)).toHaveValue("10969");
  expect(screen.getByLabelText(/city/i)).toHaveValue("Berlin");
  expect(options()).toEqual([]);
});

test("Escape closes the suggestions and keeps what was typed", async () => {
  const { user } = form();
  await user.type(address(), "linden 9");
  await waitFor(() => expect(options()).toHaveLength(2));
  await user.keyboard("{Escape}");

  expect(options()).toEqual([]);
  expect(address()).toHaveValue("linden 9");
});

test("the fields are those of the country", async () => {
  const { user } = form();
  await user.selectOptions(screen.getByLabelText("Country"), "US");
  expect(screen.getByLabelText(/ZIP code/)).toBeInTheDocument();
  expect(screen.getByLabelText(/State/)).toBeInTheDocument();

  await user.selectOptions(screen.getByLabelText("Country"), "AE");
  expect(screen.getByLabelText(/Emirate/)).toBeInTheDocument();
  expect(screen.queryByLabelText(/postal|ZIP/i)).toBeNull();
});

test("what is missing is said at its field, and the first one has the focus", async () => {
  const { user, asked } = form();
  await user.click(screen.getByRole("button", { name: "Subscribe" }));

  expect(screen.getByLabelText(/^Name/)).toHaveFocus();
  expect(screen.getByLabelText(/^Name/)).toHaveAccessibleDescription(/Write the name/);
  expect(asked).toEqual([]);
});

test("sent again after a lost answer, it is the same subscription", async () => {
  let attempts = 0;
  const { user, asked, onSent } = form({
    SuggestAddresses: () => ({ suggestAddresses: [] }),
    Subscribe: () => {
      attempts += 1;
      if (attempts === 1) throw new Error("the network is gone");
      return { subscribe: { matchTask: { id: "task-1", status: "QUEUED" }, problems: [] } };
    },
  });
  await user.type(screen.getByLabelText(/^Name/), "Ada");
  await user.type(screen.getByLabelText(/^E-mail/), "ada@example.org");
  await user.selectOptions(screen.getByLabelText("Country"), "DE");
  await user.type(address(), "linden 9");
  await user.type(screen.getByLabelText(/city/i), "Berlin");
  await user.click(screen.getByRole("button", { name: "Subscribe" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("nothing is sent twice");
  await user.click(screen.getByRole("button", { name: "Subscribe" }));

  await vi.waitFor(() =>
    expect(onSent).toHaveBeenCalledWith("task-1", expect.objectContaining({ name: "Ada" })),
  );
  const keys = asked.flatMap(({ name, variables }) =>
    name === "Subscribe" ? [(variables as { input: { idempotencyKey: string } }).input.idempotencyKey] : [],
  );
  expect(keys).toHaveLength(2);
  expect(new Set(keys).size).toBe(1);
});
