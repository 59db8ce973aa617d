import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { entityLinks } from "../src/pages/entitylinks";

const link = (url: string, title = "Runbook") => ({ title, url, annotation: `optral.ai/link-${url}` });

test("links open the addresses of the web and show strange titles as text", () => {
  const drawn = document.createElement("div");
  drawn.innerHTML = renderToStaticMarkup(
    entityLinks([link("https://wiki.example.com/a@b"), link("javascript:alert(1)"), link("http://x.example", "<b>x</b>")]),
  );
  const anchors = [...drawn.querySelectorAll("a")];
  expect(anchors.map((one) => [one.getAttribute("href"), one.textContent])).toEqual([
    ["https://wiki.example.com/a@b", "Runbook"],
    ["http://x.example", "<b>x</b>"],
  ]);
  expect(anchors.every((one) => one.rel.includes("noopener") && one.target === "_blank")).toBe(true);
});

test("without links there is no fact", () => {
  expect(entityLinks([link("data:text/html,x")])).toBeNull();
  expect(entityLinks(undefined)).toBeNull();
});
