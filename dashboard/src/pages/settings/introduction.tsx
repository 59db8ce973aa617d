// What a page of the settings is for, and the buttons that add to its list.
import type { ReactNode } from "react";

export function Introduction({ children, actions }: { children: ReactNode; actions?: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-3 px-4 py-3">
      <p className="min-w-0 flex-1 basis-72 text-muted">{children}</p>
      {actions}
    </div>
  );
}
