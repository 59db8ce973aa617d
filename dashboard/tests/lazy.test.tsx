// A page whose code arrives at an inconvenient moment.
import { useLayoutEffect } from "react";
import { createRoot } from "react-dom/client";
import { expect, test, vi } from "vitest";
import { lazyPage } from "../src/pages/lazy";

test("code that arrives after the first drawing and before its effects is drawn", async () => {
  const Page = lazyPage(async () => ({ Late: () => <p>here</p> }), "Late");
  function Beside() {
    useLayoutEffect(() => void Page.preload(), []); // as the browser does it while it is idle
    return null;
  }
  const box = document.createElement("div");
  createRoot(box).render(
    <>
      <Page />
      <Beside />
    </>,
  );
  await vi.waitFor(() => expect(box.textContent).toBe("here"));
});
