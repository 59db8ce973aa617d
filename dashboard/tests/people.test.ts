import { expect, test } from "vitest";
import { withNames } from "../src/pages/people";

const member = { id: "usr_01m8hkfq9qen3a2n13es9w0qv5", email: "owner@example.org" };

test.each([
  [`Approved by ${member.id}: it leaks`, "Approved by owner@example.org: it leaks"],
  ["canceled by usr_01m8hkfq9qen3a2n13es9w0qv6", "canceled by usr_01m8hkfq9qen3a2n13es9w0qv6"],
  ["usr_short is no id", "usr_short is no id"],
])("%s", (text, shown) => {
  expect(withNames(text, [member])).toBe(shown);
});
