// The lower edge of a runbook in the panel of its issue.

import type { ReactNode } from "react";

/**
 * What always stays in view: what the reader has to know before they press the button, and the button. On a phone only the buttons stay, and
 * not even they beside its keyboard, so that they do not cover the fields. A field that gets the focus comes to rest above them.
 */
export function CureFooter({ children, buttons }: { children?: ReactNode; buttons: ReactNode }) {
  return (
    <div className="mt-auto border-line bg-bg max-sm:contents sm:sticky sm:bottom-0 sm:z-10 sm:border-t">
      {children && <div className="flex flex-col gap-2 px-4 pt-2.5 max-sm:pb-2.5">{children}</div>}
      <div className="flex flex-wrap items-center gap-2 border-line bg-bg px-4 py-2.5 max-sm:bottom-0 max-sm:z-10 max-sm:mt-auto max-sm:border-t max-sm:[@media(min-height:600px)]:sticky">
        {buttons}
      </div>
    </div>
  );
}

/** Of a form above it. */
export const ABOVE_FOOTER = "[@media(min-height:600px)]:[&_:is(input,textarea,select)]:scroll-my-32";
