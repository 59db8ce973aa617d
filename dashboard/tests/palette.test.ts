import { expect, test } from "vitest";
import { matches } from "../src/pages/palette/entries";
import { target } from "../src/pages/palette/k9s";

test.each<[string, string | undefined, object]>([
  [":po ns/payments @prod /api", "/resources", { kind: "Pod", namespace: "payments", cluster: "prod", q: "api" }],
  [":deploy payments", "/resources", { kind: "Deployment", namespace: "payments" }],
  [":pods", "/resources", { kind: "Pod" }],
  [":Deployments @a", "/resources", { kind: "Deployment", cluster: "a" }],
  [":issues @prod", "/issues", { cluster: "prod" }],
  [":po ns/ @ /", "/resources", { kind: "Pod" }],
])("%s leads to %s with %o", (text, to, search) => expect(target(text)).toMatchObject({ to, search }));
test.each([":", ":po-x", ":nothing", ": "])("%s leads nowhere", (text) => expect(target(text)).toBeUndefined());
test("every word must be in an entry", () => {
  expect(matches("set mem", "Settings: Members")).toBe(true);
  expect(matches("set hook", "Settings: Members")).toBe(false);
});
