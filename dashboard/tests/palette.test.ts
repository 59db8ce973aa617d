import { expect, test } from "vitest";
import { fitting, PLACES, rank } from "../src/pages/palette/entries";
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
test.each<[string, string, string, number | undefined]>([
  ["cat", "catalog", "", 0],
  ["cat", "Container app of catalog was killed", "", 1],
  ["cat", "shop-catalog", "", 1],
  ["cat", "concatenate", "", 2],
  ["cat", "Settings: Webhooks", "notifications", undefined],
  ["notif", "Settings: Webhooks", "notifications", 3],
  ["set mem", "Settings: Members", "", 1],
  ["set peo", "Settings: Members", "people users", 3],
  ["set hook", "Settings: Members", "", undefined],
  ["", "Anything", "", 0],
])("%s fits %s (%s) with rank %s", (text, name, also, expected) => expect(rank(text, name, also)).toBe(expected));
test("a page whose name begins with the text comes before one whose other words do", () => {
  const found = fitting("re", PLACES, (one) => [one.label, one.also]).map(([one]) => one.label);
  expect(found.slice(0, 2)).toEqual(["Resources", "Resolved issues"].sort((a, b) => found.indexOf(a) - found.indexOf(b)));
});
