// A dialog around a form: where typing begins, what closes it, and what a refusal leaves.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { act, useState } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../src/api/client";
import { useSubmit } from "../src/pages/settings/submit";
import { Field, FormDialog, Input } from "../src/parts";

const PAGES = join(import.meta.dirname, "../src/pages");

interface Given {
  request?: () => Promise<void>;
  withFields?: boolean;
  disabled?: boolean;
}

let root: Root;
let closed: number;

function Probe({ request = async () => {}, withFields = true, disabled }: Given) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { errors, isBusy, submit } = useSubmit();
  return (
    <FormDialog
      title="Edit"
      submit="Save"
      isBusy={isBusy}
      disabled={disabled}
      error={errors.form}
      onSubmit={() => submit(request)}
      onClose={() => closed++}
    >
      {withFields ? (
        <>
          <Field label="Name" error={errors.name}>
            {(ids) => <Input {...ids} value={name} onChange={(event) => setName(event.target.value)} />}
          </Field>
          <Field label="Password">
            {(ids) => <Input {...ids} type="password" value={password} onChange={(event) => setPassword(event.target.value)} />}
          </Field>
        </>
      ) : (
        <p>Nothing to fill in.</p>
      )}
    </FormDialog>
  );
}

const open = async (given: Given = {}) => act(async () => root.render(<Probe {...given} />));
const dialog = () => document.querySelector<HTMLElement>("[role=dialog]")!;
const input = (at = 0) => dialog().querySelectorAll("input")[at]!;
const button = (name: string) => [...dialog().querySelectorAll("button")].find((one) => one.textContent === name);
const click = (name: string) => act(async () => button(name)!.click());
const submit = () => act(async () => dialog().querySelector("form")!.requestSubmit());
const pressEscape = () =>
  act(async () => void document.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true })));

async function type(text: string, at = 0) {
  const box = input(at);
  await act(async () => {
    box.focus();
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")!.set!.call(box, text);
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  closed = 0;
  const place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

describe("the focus", () => {
  test("begins in the first field", async () => {
    await open();
    expect(document.activeElement).toBe(input());
  });
  test("begins on the button that changes nothing where there is no field", async () => {
    await open({ withFields: false });
    expect(document.activeElement).toBe(button("Cancel"));
  });
  test("goes to the first field that was refused", async () => {
    await open({ request: () => Promise.reject(refusal("name", "The name is taken")) });
    await act(async () => button("Save")!.focus());
    await submit();
    expect(dialog().textContent).toContain("The name is taken");
    expect(document.activeElement).toBe(input());
  });
});

const refusal = (field: string, message: string) => new Problem(422, "invalid", message, null, [{ field, code: "invalid", message }]);

describe("Escape", () => {
  test("closes a dialog in which nothing was entered", async () => {
    await open();
    await pressEscape();
    expect(closed).toBe(1);
  });
  test("asks before it discards what was entered", async () => {
    await open();
    await type("edge");
    await pressEscape();
    expect(closed).toBe(0);
    expect(dialog().textContent).toContain("Discard what you entered?");
    await click("Discard");
    expect(closed).toBe(1);
  });
  test("once more goes back to the form", async () => {
    await open();
    await type("edge");
    await pressEscape();
    await pressEscape();
    expect(closed).toBe(0);
    expect(button("Save")).toBeDefined();
    expect(document.activeElement).toBe(input());
    expect(input().value).toBe("edge");
  });
  test("closes once the field holds again what it held before", async () => {
    await open();
    await type("edge");
    await type("");
    await pressEscape();
    expect(closed).toBe(1);
  });
  test("closes for a password alone, which is not worth a question", async () => {
    await open();
    await type("a long enough passphrase", 1);
    await pressEscape();
    expect(closed).toBe(1);
  });
});

describe("the question", () => {
  test("leads back to the form by its button, and by typing on", async () => {
    await open();
    for (const goOn of [() => click("Keep editing"), () => type("edge-2")]) {
      await type("edge");
      await pressEscape();
      expect(button("Save")).toBeUndefined();
      await goOn();
      expect(button("Save")).toBeDefined();
    }
    expect(closed).toBe(0);
  });
  test("is not asked by Cancel, which is a decision", async () => {
    await open();
    await type("edge");
    await click("Cancel");
    expect(closed).toBe(1);
  });
  test("keeps the form from being sent meanwhile", async () => {
    const request = vi.fn(async () => {});
    await open({ request });
    await type("edge");
    await pressEscape();
    await submit();
    expect(request).not.toHaveBeenCalled();
  });
});

describe("submitting", () => {
  test("sends once, however often it is submitted", async () => {
    let end = () => {};
    const request = vi.fn(() => new Promise<void>((done) => (end = done)));
    await open({ request });
    await act(async () => {
      dialog().querySelector("form")!.requestSubmit();
      dialog().querySelector("form")!.requestSubmit();
    });
    await submit();
    expect(request).toHaveBeenCalledTimes(1);
    expect(button("Save")!.disabled).toBe(true);
    await act(async () => end());
    expect(button("Save")!.disabled).toBe(false);
  });
  test("does nothing while the button is disabled", async () => {
    const request = vi.fn(async () => {});
    await open({ request, disabled: true });
    await submit();
    expect(request).not.toHaveBeenCalled();
  });
  test("holds the dialog until the answer is there; only Cancel leaves", async () => {
    await open({ request: () => new Promise(() => {}) });
    await submit();
    await pressEscape();
    await act(async () => dialog().querySelector<HTMLElement>("[aria-label=Close]")!.click());
    expect(closed).toBe(0);
    await click("Cancel");
    expect(closed).toBe(1);
  });
});

describe("a failing answer", () => {
  test("stays readable beside what was entered, and the form can be sent again", async () => {
    let fails = true;
    const request = vi.fn(() => (fails ? Promise.reject(new Error("The server cannot be reached")) : Promise.resolve()));
    await open({ request });
    await type("edge");
    await submit();
    const alert = dialog().querySelector("[role=alert]")!;
    expect(alert.textContent).toBe("The server cannot be reached");
    expect(alert.parentElement!.parentElement!.querySelector("button[type=submit]")).not.toBeNull(); // beside the button
    expect(input().value).toBe("edge");
    expect(closed).toBe(0);
    fails = false;
    await submit();
    expect(request).toHaveBeenCalledTimes(2);
    expect(dialog().querySelector("[role=alert]")).toBeNull();
  });
});

describe("every page", () => {
  const pages = readdirSync(PAGES, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".tsx"));
  test("writes its forms with Form or FormDialog, and its clusters with ClusterSelect", () => {
    const isOwn = (path: string) => /<form\b|clusters\??\.map\(\(\w+\) => \(\s*<option/.test(readFileSync(join(PAGES, path), "utf8"));
    expect(pages.length).toBeGreaterThan(100);
    expect(pages.filter(isOwn)).toEqual([]);
  });
});
