// The columns of the issue list: which there are, and which of those that a person chose fit into the width.

export interface Column {
  id: string;
  name: string;
  widthPx: number;
  /** Shown without a choice from this width of the list; undefined: only if it is chosen. */
  fromPx?: number;
}

/** In the order in which they keep their place while the list becomes narrower. */
export const COLUMNS: Column[] = [
  { id: "severity", name: "Severity", widthPx: 92, fromPx: 576 },
  { id: "action", name: "First action", widthPx: 192, fromPx: 960 },
  { id: "status", name: "Status", widthPx: 116 },
  { id: "since", name: "Since", widthPx: 84 },
  { id: "lastSeen", name: "Last seen", widthPx: 84 },
  { id: "count", name: "Count", widthPx: 48 },
  { id: "assignee", name: "Assignee", widthPx: 128 },
  { id: "team", name: "Team", widthPx: 128 },
  { id: "detected", name: "Detected", widthPx: 84 },
  { id: "namespace", name: "Namespace", widthPx: 128 },
  { id: "cluster", name: "Cluster", widthPx: 128 },
];
/** From left to right; the issue itself stands after the severity. */
const PLACES = [
  "severity",
  "issue",
  "namespace",
  "cluster",
  "count",
  "assignee",
  "team",
  "since",
  "detected",
  "lastSeen",
  "status",
  "action",
];
/** The columns that show what a list is sorted by; it has them without a choice. */
const SORTED_BY: Record<string, string> = { detectedAt: "detected", lastSeenAt: "lastSeen", status: "status" };
const ISSUE_PX = 240;
const LIST_PX = 576; // a narrower list has no columns: each row says everything in two lines
const GAP_PX = 12;
const EDGES_PX = 32 + 16; // the padding of a row, and its checkbox

export const USUAL_COLUMNS = COLUMNS.filter((one) => one.fromPx !== undefined).map((one) => one.id);

/** Ids of the columns that are shown in a list of this width, in their places: those in `chosen` or, for null, as usual, and what it is sorted by. */
export function fitting(widthPx: number, chosen: string[] | null, sort = ""): string[] {
  if (widthPx < LIST_PX) return [];
  const by = SORTED_BY[sort.replace("-", "")];
  const usual = COLUMNS.filter((one) => one.fromPx !== undefined && one.fromPx <= widthPx).map((one) => one.id);
  const wanted = new Set([...(chosen ?? usual), ...(by ? [by] : [])]);
  let leftPx = widthPx - EDGES_PX - GAP_PX - ISSUE_PX;
  const fit = COLUMNS.filter((one) => {
    if (!wanted.has(one.id) || leftPx < one.widthPx + GAP_PX) return false;
    leftPx -= one.widthPx + GAP_PX;
    return true;
  }).map((one) => one.id);
  return PLACES.filter((id) => fit.includes(id));
}

/** The columns of the grid: the checkbox, and those that are shown. */
export function template(shown: string[]): string {
  const width = (id: string) => `${COLUMNS.find((one) => one.id === id)!.widthPx}px`;
  const columns = PLACES.filter((id) => id === "issue" || shown.includes(id));
  return ["16px", ...columns.map((id) => (id === "issue" ? "minmax(0, 1fr)" : width(id)))].join(" ");
}
