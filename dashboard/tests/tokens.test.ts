// Recomputes every contrast of src/styles.css by the WCAG formula: a colour that nobody can read does not get in.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const css = readFileSync("src/styles.css", "utf8");
const block = (selector: string) =>
  Object.fromEntries(
    [
      ...css
        .slice(css.indexOf(`${selector} {`))
        .split("}")[0]!
        .matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g),
    ].map((found) => [found[1]!, found[2]!]),
  );
const THEMES = { light: block(":root"), dark: block('[data-theme="dark"]') };

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const MEANINGS = ["critical", "high", "medium", "low", "info", "ok", "ai"];
describe.each(Object.entries(THEMES))("%s", (_, token) => {
  test.each(["text", "muted", "accent"])("%s is readable on every ground", (name) => {
    for (const ground of ["bg", "surface", "raised", "hover", "selected"])
      expect(contrast(token[name]!, token[ground]!), `${name} on ${ground}`).toBeGreaterThanOrEqual(
        ground === "hover" || ground === "selected" ? 4.5 : 6,
      );
  });
  test("text on the accent is readable", () => expect(contrast(token["on-accent"]!, token.accent!)).toBeGreaterThanOrEqual(6));
  test("controls have an edge", () => {
    for (const ground of ["bg", "surface", "raised"]) expect(contrast(token.control!, token[ground]!)).toBeGreaterThanOrEqual(3);
  });
  test.each(MEANINGS)("%s: its word on its tint and on the page, its shape on every ground", (name) => {
    expect(contrast(token[name]!, token[`${name}-tint`]!)).toBeGreaterThanOrEqual(6);
    for (const ground of ["bg", "surface"]) {
      expect(contrast(token[name]!, token[ground]!)).toBeGreaterThanOrEqual(6);
      expect(contrast(token[`${name}-solid`]!, token[ground]!)).toBeGreaterThanOrEqual(3);
    }
  });
});
