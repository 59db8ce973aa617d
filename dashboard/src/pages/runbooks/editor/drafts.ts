// Texts that were typed and not saved, kept in this browser: a lost connection, a closed tab or a restart takes nothing away.

const PREFIX = "optral.runbook.draft.";
const MOST = 20;

export interface Draft {
  text: string;
  /** The revision that the text was based on; 0 for a new runbook. */
  revision: number;
  at: number;
}

/** `owner`: who typed it and where, since several people may use one browser. */
export const draftKey = (owner: string, id: string) => `${PREFIX}${owner}.${id}`;

export function readDraft(key: string): Draft | null {
  try {
    const kept = JSON.parse(localStorage.getItem(key) ?? "null") as Partial<Draft> | null;
    return kept && typeof kept.text === "string" && typeof kept.revision === "number" && typeof kept.at === "number"
      ? (kept as Draft)
      : null;
  } catch {
    return null; // storage is switched off, or holds something else
  }
}

/** Whether the draft is kept; false where the browser does not allow it. */
export function keepDraft(key: string, text: string, revision: number): boolean {
  try {
    localStorage.setItem(key, JSON.stringify({ text, revision, at: Date.now() } satisfies Draft));
    dropOldest(key);
    return true;
  } catch {
    return false;
  }
}

export function dropDraft(key: string): void {
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept either
  }
}

function dropOldest(current: string): void {
  const kept = Object.keys(localStorage).filter((one) => one.startsWith(PREFIX) && one !== current);
  if (kept.length < MOST) return;
  const oldest = kept.sort((one, other) => (readDraft(one)?.at ?? 0) - (readDraft(other)?.at ?? 0));
  for (const one of oldest.slice(0, kept.length - MOST + 1)) localStorage.removeItem(one);
}
