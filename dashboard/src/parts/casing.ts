/** "no longer valid" as "No longer valid"; the rest stays as it is. */
export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** A name of the API in words: "pendingApproval" and "pending_approval" as "Pending approval". */
export const asWords = (name: string): string =>
  capitalize(name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`).replace(/_/g, " "));

/** A text of the API, such as a refusal, as a sentence with its full stop. */
export const asSentence = (text: string): string => capitalize(text) + (/[.!?]$/.test(text) ? "" : ".");
