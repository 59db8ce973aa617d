// From what a form holds to what is sent.

/** The members with their texts trimmed. */
export const trimmed = <T extends object>(draft: T): T =>
  Object.fromEntries(Object.entries(draft).map(([name, value]) => [name, typeof value === "string" ? value.trim() : value])) as T;

/** The members of a request that differ from what they were. */
export const changed = <T extends object>(before: T, after: T): Partial<T> =>
  Object.fromEntries(
    Object.entries(after).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof T])),
  ) as Partial<T>;
