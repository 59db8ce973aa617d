// The lower edge of a runbook in the panel of its issue.

import type { ReactNode } from "react";

/** What always stays in view: what the reader has to know before they press the button, and the button. */
export function CureFooter({ children, buttons }: { children?: ReactNode; buttons: ReactNode }) {
  return (
    <div className="sticky bottom-0 z-10 mt-auto flex flex-col gap-2 border-t border-line bg-bg px-4 py-2.5">
      {children}
      <div className="flex flex-wrap items-center gap-2">{buttons}</div>
    </div>
  );
}
