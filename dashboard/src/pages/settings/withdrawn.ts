// A change that the person gave up when they were asked for their password. Nothing was done and nothing needs to be said.

export class Withdrawn extends Error {}

export const isWithdrawn = (error: unknown) => error instanceof Withdrawn;
