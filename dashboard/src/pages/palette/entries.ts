// What the palette offers beside what the server finds: pages, settings, themes, and what was opened last.
export interface Place {
  to: string;
  label: string;
  /** Other words for it. */
  also?: string;
  keys?: string;
}

export const PLACES: Place[] = [
  { to: "/", label: "Overview", keys: "g o", also: "home fleet" },
  { to: "/issues", label: "Issues", keys: "g i" },
  { to: "/issues?assignee=me", label: "My issues", also: "assigned mine" },
  { to: "/issues?status=open", label: "Unacknowledged issues" },
  { to: "/issues?status=resolved", label: "Resolved issues" },
  { to: "/clusters", label: "Clusters", keys: "g c" },
  { to: "/clusters/new", label: "Connect a cluster", also: "add create" },
  { to: "/clusters/fleet", label: "Fleet tokens", also: "enroll" },
  { to: "/resources", label: "Resources", also: "objects inventory", keys: "g r" },
  { to: "/runbooks", label: "Runbooks", keys: "g b" },
  { to: "/activity", label: "Activity", also: "audit log" },
  { to: "/executions", label: "Executions", also: "runs history" },
  { to: "/settings/api-keys", label: "Settings: API keys", keys: "g s" },
  { to: "/settings/members", label: "Settings: Members", also: "people users invite" },
  { to: "/settings/mute-rules", label: "Settings: Mute rules" },
  { to: "/settings/webhooks", label: "Settings: Webhooks", also: "notifications" },
  { to: "/settings/detectors", label: "Settings: Detectors" },
  { to: "/settings/analysis", label: "Settings: Analysis", also: "language model ai logs" },
  { to: "/settings/plan", label: "Settings: Plan and rate limits" },
  { to: "/settings/appearance", label: "Settings: Appearance", also: "theme dark light" },
  { to: "/settings/about", label: "Settings: About", also: "version" },
];

/** Whether every word of the text is in what an entry says. */
export function matches(text: string, said: string): boolean {
  const all = said.toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => all.includes(word));
}

export interface Recent {
  to: string;
  label: string;
  hint: string;
}
const KEY = "optral.recent";
const MOST_RECENT = 6;

export function recent(): Recent[] {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "[]") as Recent[];
    return kept
      .filter((one) => typeof one.label === "string" && typeof one.hint === "string" && /^\/(?!\/)/.test(one.to))
      .slice(0, MOST_RECENT);
  } catch {
    return [];
  }
}

export function remember(opened: Recent): void {
  try {
    localStorage.setItem(KEY, JSON.stringify([opened, ...recent().filter((one) => one.to !== opened.to)].slice(0, MOST_RECENT)));
  } catch {
    // not kept
  }
}
