// What the page at hand can do: its buttons by name, so that the palette reaches every action without a list of its own.

const MOST = 300;
const LONGEST_NAME = 80;
const WAIT_MS = 50;
const TRIES = 100; // five seconds, for a page and its data

/** As a screen reader says it. */
const nameOf = (button: HTMLElement) => (button.ariaLabel || button.textContent || "").replace(/\s+/g, " ").trim();

/** The names of the enabled buttons of the page that are in view or below it, each once. */
export function actionsHere(): string[] {
  return [...new Set(buttons().map(nameOf))].filter((name) => name && name.length <= LONGEST_NAME).slice(0, MOST);
}

const buttons = () =>
  [...document.querySelectorAll<HTMLElement>("main :is(button, [role=tab], [role=switch]):not(:disabled)")].filter((one) =>
    one.checkVisibility(),
  );

/** Press the button of this name, which may be on its way. */
export async function press(name: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    await new Promise((done) => setTimeout(done, tries ? WAIT_MS : 0)); // the palette gives the focus back first
    const button = buttons().find((one) => nameOf(one) === name);
    if (!button) continue;
    button.focus();
    button.click();
    // Radix opens menus and switches tabs when the pointer or a key goes down.
    if (button.matches("[role=tab], [aria-haspopup=menu]"))
      button.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
    return;
  }
}
