// Where the list of affected objects is on the page of an issue: its anchor, for links from the facts and from rows.

export const AFFECTED = "affected";

export const showAffected = (): void => document.getElementById(AFFECTED)?.scrollIntoView({ block: "start" });
