// How wide an element is, and whether it is narrower than its columns need, so that each row takes two lines.
import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export const useNarrow = (box: RefObject<HTMLElement | null>, belowPx: number): boolean => useWidth(box, (width) => width < belowPx);

/** What `read` makes of the width in pixels, also in the first picture; drawn again only when that changes. */
export function useWidth<Found>(box: RefObject<HTMLElement | null>, read: (width: number) => Found): Found {
  const reading = useRef(read);
  reading.current = read;
  const [found, set] = useState(() => read(innerWidth));
  useLayoutEffect(() => {
    if (!box.current) return;
    const { paddingLeft, paddingRight } = getComputedStyle(box.current);
    set(reading.current(box.current.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight))); // before anything is painted
    const watch = new ResizeObserver(([entry]) => entry && set(reading.current(entry.contentRect.width)));
    watch.observe(box.current);
    return () => watch.disconnect();
  }, [box]);
  return found;
}
