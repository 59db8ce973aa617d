// Short messages at the lower edge. They are read out politely, stay 8 seconds and can carry one action (undo).

import { X } from "lucide-react";
import { useSyncExternalStore } from "react";
import { Glyph, type Tone } from "./badge";
import { IconButton } from "./button";

interface Toast {
  id: number;
  text: string;
  tone: Tone;
  action?: { label: string; run: () => void };
}
const SHOWN_MS = 8_000;
const MAX_SHOWN = 4;
let toasts: Toast[] = [];
let next = 1;
const watchers = new Set<() => void>();

function set(now: Toast[]): void {
  toasts = now;
  watchers.forEach((tell) => tell());
}
const drop = (id: number) => set(toasts.filter((one) => one.id !== id));

export function toast(text: string, options: { tone?: Tone; action?: Toast["action"] } = {}): void {
  const id = next++;
  set([...toasts.slice(1 - MAX_SHOWN), { id, text, tone: options.tone ?? "ok", action: options.action }]);
  setTimeout(() => drop(id), SHOWN_MS);
}

/** For a change that failed. */
export function toastError(error: unknown): void {
  toast(error instanceof Error ? error.message : String(error), { tone: "critical" });
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (tell) => {
      watchers.add(tell);
      return () => void watchers.delete(tell);
    },
    () => toasts,
  );
  return (
    <div
      role="status"
      aria-live="polite"
      className="no-print pointer-events-none fixed inset-x-3 bottom-3 z-[60] flex flex-col items-center gap-2"
    >
      {shown.map((one) => (
        <div
          key={one.id}
          className="pointer-events-auto flex max-w-xl items-center gap-3 rounded-md border border-line bg-raised py-1.5 pr-1.5 pl-3 shadow-raised"
        >
          <Glyph tone={one.tone} />
          <span className="min-w-0 break-words">{one.text}</span>
          {one.action && (
            <button
              type="button"
              className="h-7 rounded-sm px-2 font-medium text-accent hover:bg-hover"
              onClick={() => {
                one.action?.run();
                drop(one.id);
              }}
            >
              {one.action.label}
            </button>
          )}
          <IconButton label="Dismiss" onClick={() => drop(one.id)}>
            <X />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
