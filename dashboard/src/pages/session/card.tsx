import type { ReactNode } from "react";

/** The one card of the pages before signing in. */
export function Card({ title, children, below }: { title: string; children: ReactNode; below?: ReactNode }) {
  return (
    <main className="flex min-h-full flex-col items-center justify-center gap-4 bg-surface p-4">
      <div className="flex items-center gap-2 text-lg font-semibold">
        <svg aria-hidden viewBox="0 0 32 32" className="size-6 text-accent">
          <circle cx="16" cy="16" r="12" fill="none" stroke="currentColor" strokeWidth="4" />
          <circle cx="16" cy="16" r="4" fill="currentColor" />
        </svg>
        Optral
      </div>
      <section className="w-full max-w-[400px] rounded-lg border border-line bg-raised p-6 shadow-raised">
        <h1 className="mb-4 text-lg font-semibold">{title}</h1>
        {children}
      </section>
      {below && <p className="max-w-[400px] text-center text-xs text-muted">{below}</p>}
    </main>
  );
}
