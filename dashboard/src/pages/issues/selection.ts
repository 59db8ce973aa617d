// The selected rows of the issue list.

import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Issue } from "../../api/queries";

/** Ids of the selected rows, how to set them, and how to turn one over (with Shift: all from the one turned last). Rows that left are not selected. */
export function useSelection(rows: Issue[]): [Set<string>, (next: Set<string>) => void, (id: string, isRange: boolean) => void] {
  const [chosen, select] = useState<Set<string>>(new Set());
  const last = useRef<string | null>(null);
  const now = useRef(rows);
  useEffect(() => {
    now.current = rows;
  }, [rows]);
  const selected = useMemo(() => new Set(rows.filter((one) => chosen.has(one.id)).map((one) => one.id)), [rows, chosen]);
  const pick = useCallback((id: string, isRange: boolean) => {
    const ids = now.current.map((one) => one.id);
    const [from, to] = [ids.indexOf(last.current ?? id), ids.indexOf(id)].sort((a, b) => a - b) as [number, number];
    const range = isRange && from >= 0 ? ids.slice(from, to + 1) : [id];
    last.current = id;
    select((before) => {
      const after = new Set(before);
      if (before.has(id)) range.forEach((one) => after.delete(one));
      else range.forEach((one) => after.add(one));
      return after;
    });
  }, []);
  return [selected, select, pick];
}
