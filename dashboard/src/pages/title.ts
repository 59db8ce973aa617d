// The title of the tab: what the open page is about, in front of the product's name. A page that shows one thing names that thing.
import { useEffect, useSyncExternalStore } from "react";

let named: string | undefined;
const watchers = new Set<() => void>();

function name(text: string | undefined): void {
  named = text;
  for (const tell of watchers) tell();
}

/** Name the tab after what this page shows, while it is open; nothing as long as that is not loaded. */
export function useTitle(text: string | undefined): void {
  useEffect(() => {
    name(text);
    return () => name(undefined);
  }, [text]);
}

/** What the open page is named after. */
export const usePageTitle = () =>
  useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => watchers.delete(tell);
    },
    () => named,
  );
