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
  { id: "status", name: "Status", widthPx: 116, fromPx: 680 },
  { id: "lastSeen", name: "Last seen", widthPx: 84, fromPx: 576 },
  { id: "count", name: "Count", widthPx: 48, fromPx: 768 },
  { id: "since", name: "Since", widthPx: 84, fromPx: 960 },
  { id: "assignee", name: "Assignee", widthPx: 128, fromPx: 1280 },
  { id: "detected", name: "Detected", widthPx: 84 },
  { id: "namespace", name: "Namespace", widthPx: 128 },
  { id: "cluster", name: "Cluster", widthPx: 128 },
];
/** From left to right; the issue itself stands after the severity. */
const PLACES = ["severity", "issue", "namespace", "cluster", "count", "assignee", "since", "detected", "lastSeen", "status"];
const ISSUE_PX = 240;
const LIST_PX = 576; // a narrower list has no columns: each row says everything in two lines
const GAP_PX = 12;
const EDGES_PX = 32 + 16; // the padding of a row, and its checkbox

export const USUAL_COLUMNS = COLUMNS.filter((one) => one.fromPx !== undefined).map((one) => one.id);

/** Ids of the columns that are shown in a list of this width, in `chosen` or, for null, as usual. */
export function fitting(widthPx: number, chosen: string[] | null): string[] {
  if (chosen === null) return COLUMNS.filter((one) => one.fromPx !== undefined && one.fromPx <= widthPx).map((one) => one.id);
  if (widthPx < LIST_PX) return [];
  let leftPx = widthPx - EDGES_PX - GAP_PX - ISSUE_PX;
  return COLUMNS.filter((one) => {
    if (!chosen.includes(one.id) || leftPx < one.widthPx + GAP_PX) return false;
    leftPx -= one.widthPx + GAP_PX;
    return true;
  }).map((one) => one.id);
}

/** The columns of the grid: the checkbox, and those that are shown. */
export function template(shown: string[]): string {
  const width = (id: string) => `${COLUMNS.find((one) => one.id === id)!.widthPx}px`;
  const columns = PLACES.filter((id) => id === "issue" || shown.includes(id)).map((id) => (id === "issue" ? "minmax(0, 1fr)" : width(id)));
  return ["16px", ...columns].join(" ");
}
