// New issues that belong to the list but are not shown yet.

import { useEffect, useMemo, useRef, useState } from "react";
import type { Issue } from "../../api/queries";
import { follow } from "../../live/live";
import { belongs, type IssueSearch, type Judged } from "./filter";

/** Members whose change can bring an issue into the list. */
const ENTERS = ["status", "substatus", "parentIssueId"];

/** Issues that came since the list was read and belong to it. */
export function useFresh(search: IssueSearch, rows: Issue[], me: string | undefined): [Set<string>, () => void] {
  const [fresh, set] = useState<Set<string>>(new Set());
  const known = useRef({ rows, me });
  useEffect(() => {
    known.current = { rows, me };
  }, [rows, me]);
  useEffect(() => {
    set(new Set());
    return follow((event) => {
      if (event.type === "stream.reset") return;
      const id = String(event.data.id);
      const changes = (event.data.changes as object | null) ?? {};
      const isNews = event.type === "issue.created" || (event.type === "issue.updated" && ENTERS.some((name) => name in changes));
      if (!isNews && event.type !== "issue.resolved") return;
      set((before) => {
        const { rows, me } = known.current;
        if (isNews && belongs(search, event.data as unknown as Judged, me) && !rows.some((row) => row.id === id))
          return new Set(before).add(id);
        if (!before.has(id)) return before;
        const after = new Set(before);
        after.delete(id);
        return after;
      });
    });
  }, [search]); // who is signed in may be known later than the first new issue
  const unread = useMemo(() => new Set([...fresh].filter((id) => !rows.some((row) => row.id === id))), [fresh, rows]); // a small group shows its own
  return [unread, () => set(new Set())];
}
