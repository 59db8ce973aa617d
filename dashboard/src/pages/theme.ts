// Light, dark, or what the system says. public/theme.js sets the first one before the page is painted.
import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";
const KEY = "optral.theme";
const system = matchMedia("(prefers-color-scheme: dark)");
const watchers = new Set<() => void>();

function read(): Theme {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}
let theme = read();

const paper = matchMedia("print");

function show(): void {
  const onScreen = theme === "system" ? (system.matches ? "dark" : "light") : theme;
  document.documentElement.dataset.theme = paper.matches ? "light" : onScreen;
  watchers.forEach((tell) => tell());
}
system.addEventListener("change", show);
paper.addEventListener("change", show);

export function setTheme(next: Theme): void {
  theme = next;
  try {
    if (next === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // not kept, but shown
  }
  show();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => theme,
  );
}
