// Texts and names of the API as people read them.
import { expect, test } from "vitest";
import { asSentence, asWords, capitalize } from "../src/parts/casing";

test.each([
  ["", ""],
  ["no longer valid", "No longer valid"],
  ["the Pod web-0 runs kubeProxy", "The Pod web-0 runs kubeProxy"],
])("%j begins with a capital", (given, shown) => expect(capitalize(given)).toBe(shown));

test.each([
  ["queued", "Queued"],
  ["pendingApproval", "Pending approval"],
  ["pending_approval", "Pending approval"],
  ["toRevision2", "To revision2"],
  ["HPA", "HPA"],
])("%j is written in words", (given, shown) => expect(asWords(given)).toBe(shown));

test.each([
  ["the name is taken", "The name is taken."],
  ["Who may?", "Who may?"],
  ["Done.", "Done."],
])("%j is a sentence", (given, shown) => expect(asSentence(given)).toBe(shown));
