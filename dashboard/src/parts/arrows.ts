// Several things that are one stop of the Tab key: the arrow keys go from one to the next.
import type { KeyboardEvent } from "react";

/** Move the focus among what is `of` this kind inside: left and up to the one before, right and down to the next, Home and End to the ends. */
export function toNeighbor(event: KeyboardEvent<HTMLElement>, of: "a" | "button"): void {
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>(of)];
  const at = all.indexOf(document.activeElement as HTMLElement);
  const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined || event.metaKey || event.ctrlKey || event.altKey) return;
  event.preventDefault();
  all[Math.max(0, Math.min(all.length - 1, to))]?.focus();
}
