// Keys of one letter, and pairs that begin with `g`. They rest while somebody types, while a dialog or menu is open, and with a modifier.
import { useLayoutEffect, useRef } from "react";
import { flushSync } from "react-dom";
import { preferences } from "./preferences";

export type Bindings = Record<string, (event: KeyboardEvent) => void>;
const PAIR_MS = 1_200;
let prefix: { key: string; at: number } | null = null;

export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

export function useKeys(bindings: Bindings): void {
  const now = useRef(bindings);
  useLayoutEffect(() => {
    now.current = bindings;
  });
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.composedPath()[0] ?? event.target)) return; // the target of an editor in a shadow root is its host
      if (document.querySelector("[role=dialog],[role=menu]")) return;
      if (event.key.length === 1 && !preferences().letterKeys) return;
      const pair = prefix && Date.now() - prefix.at < PAIR_MS ? `${prefix.key} ${event.key}` : null;
      if (!pair && Object.keys(now.current).some((name) => name.startsWith(`${event.key} `))) {
        prefix = { key: event.key, at: Date.now() };
        event.preventDefault();
        return;
      }
      if (pair === null && event.key === "Enter" && event.target instanceof Element && event.target.closest("a,button,summary,[role=tab]"))
        return;
      const act = now.current[pair ?? event.key];
      if (pair && !act) return;
      if (!act) return;
      prefix = null;
      event.preventDefault();
      flushSync(() => act(event)); // a busy browser hands over the next key before it draws: that one must see what this one did
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
}
