// Whether an element is narrower than its columns need, so that each row takes two lines.
import { type RefObject, useLayoutEffect, useState } from "react";

export function useNarrow(box: RefObject<HTMLElement | null>, belowPx: number): boolean {
  const [isNarrow, set] = useState(() => innerWidth < belowPx);
  useLayoutEffect(() => {
    if (!box.current) return;
    const watch = new ResizeObserver(([entry]) => entry && set(entry.contentRect.width < belowPx));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [box, belowPx]);
  return isNarrow;
}
