// The state of a form that sends one request.
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Problem } from "../src/api/client";
import { useSubmit } from "../src/pages/settings/submit";

let form: ReturnType<typeof useSubmit>;

function Probe() {
  form = useSubmit();
  return null;
}

beforeEach(async () => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  await act(async () => createRoot(document.createElement("div")).render(<Probe />));
});
afterEach(() => vi.unstubAllGlobals());

const refusal = (errors: { field: string; code: string; message: string }[]) =>
  new Problem(422, "invalid", "The request is invalid", null, errors);

describe("a form", () => {
  test("is busy until its request has ended", async () => {
    let end = () => {};
    await act(async () => void form.submit(() => new Promise((done) => (end = done))));
    expect(form.isBusy).toBe(true);
    await act(async () => end());
    expect(form.isBusy).toBe(false);
  });
  test("shows what the server refuses beside its field, and can be sent again", async () => {
    await act(() => form.submit(() => Promise.reject(refusal([{ field: "filters.events", code: "x", message: "unknown event" }]))));
    expect(form.errors).toEqual({ events: "unknown event" });
    expect(form.isBusy).toBe(false);
    await act(() => form.submit(() => Promise.resolve()));
    expect(form.errors).toEqual({});
  });
  test("shows any other failure for the form as a whole", async () => {
    await act(() => form.submit(() => Promise.reject(new Error("No connection"))));
    expect(form.errors).toEqual({ form: "No connection" });
  });
  test("tells which fields are wrong before it sends anything", async () => {
    let isValid = true;
    await act(async () => {
      isValid = form.check({ name: "Enter a name.", scopes: false, clusters: undefined });
    });
    expect(isValid).toBe(false);
    expect(form.errors).toEqual({ name: "Enter a name." });
    await act(async () => {
      isValid = form.check({ name: false });
    });
    expect(isValid).toBe(true);
    expect(form.errors).toEqual({});
  });
});
