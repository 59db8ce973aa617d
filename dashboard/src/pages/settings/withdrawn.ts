// A change that the person canceled when the password was requested. Nothing was done and nothing needs to be said.

export class Withdrawn extends Error {}

export const isWithdrawn = (error: unknown) => error instanceof Withdrawn;
