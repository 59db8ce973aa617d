// A part of the overview: a bordered box with a title, and a link to the page that has all of it.
import type { ReactNode } from "react";
import { cx } from "../../parts";

interface CardProps {
  title: string;
  /** Beside the title, quiet: a number, a time. */
  note?: ReactNode;
  action?: ReactNode;
  className?: string;
  children: ReactNode;
}

export function Card({ title, note, action, className, children }: CardProps) {
  return (
    <section aria-label={title} className={cx("flex min-w-0 flex-col rounded-md border border-line bg-bg", className)}>
      <div className="flex min-h-10 flex-wrap items-center gap-x-2 border-b border-line px-4 py-1.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        {note && <span className="text-xs text-muted">{note}</span>}
        <span className="flex-1" />
        {action}
      </div>
      {children}
    </section>
  );
}

/** What a card says when it has nothing to show: calm, in one line. */
export function Quiet({ children }: { children: ReactNode }) {
  return <p className="px-4 py-5 text-muted">{children}</p>;
}

export const MORE = "rounded-sm text-xs text-accent hover:underline";
