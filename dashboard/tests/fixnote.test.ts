import { expect, test } from "vitest";
import { type Fixable, fixText, isFixed } from "../src/pages/issues/fixnote";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const at = "2026-03-02T12:00:50Z";

test.each<[Partial<Fixable>, string | undefined, string]>([
  [{ fix: { by: "usr_1", resolvesAt: at } }, "you", "Fixed by you, resolves in 50 s"],
  [{ fix: { by: "usr_2", resolvesAt: at } }, "ana@example.org", "Fixed by ana@example.org, resolves in 50 s"],
  [{ fix: { by: "usr_gone" }, resolvesAt: at }, undefined, "Fixed, resolves in 50 s"],
  [{ resolvesAt: "2026-03-02T12:02:00Z" }, undefined, "Recovered, resolves in 2 min"],
  [{ resolvesAt: "2026-03-02T11:59:59Z" }, undefined, "Recovered, resolves now"],
  [{ resolvesAt: "2026-03-02T12:01:59Z" }, undefined, "Recovered, resolves in 119 s"],
  [{ fix: { by: "usr_1" } }, "you", "Fixed by you, but the failure is back"],
  [{ status: "resolved", fix: { by: "usr_1", resolvesAt: null } }, "you", "Fixed by you"],
])("of %o by %s it says %s", (issue, by, text) => expect(fixText({ status: "open", ...issue }, by, NOW)).toBe(text));

test.each<[Fixable, boolean]>([
  [{ status: "open", resolvesAt: at }, true],
  [{ status: "acknowledged", fix: {} }, true],
  [{ status: "open" }, false],
  [{ status: "resolved", resolvesAt: at }, false],
  [{ status: "resolved", fix: {} }, true],
])("of %o it is %s that it is fixed", (issue, is) => expect(isFixed(issue)).toBe(is));
