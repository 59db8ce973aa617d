// The bones of a page: a header line, sections, and the panel that opens over a list.

import { Maximize2, Minimize2, X } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "./button";
import { cx } from "./style";

const AS_BUTTONS = "[&_input]:h-8 [&_input]:text-sm [&_select]:h-8 [&_select]:text-sm"; // controls are as high as the buttons beside them

export function PageHeader({ title, children, below }: { title: ReactNode; children?: ReactNode; below?: ReactNode }) {
  return (
    <header className="border-b border-line">
      <div className={cx("flex min-h-12 flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2", AS_BUTTONS)}>
        {/* On a phone, what does not fit beside the title goes below it. */}
        <h1 className="min-w-0 flex-1 truncate text-lg font-semibold max-sm:max-w-full max-sm:flex-auto max-sm:shrink-0">{title}</h1>
        {children}
      </div>
      {below}
    </header>
  );
}

export function Section({
  title,
  children,
  actions,
  id,
  tone,
}: {
  title: ReactNode;
  children: ReactNode;
  actions?: ReactNode;
  id?: string;
  tone?: "ai";
}) {
  return (
    <section id={id} className={cx("border-b border-line px-4 py-3", tone === "ai" && "border-l-2 border-l-ai-solid pl-3.5")}>
      <div className="mb-2 flex min-h-6 flex-wrap items-center gap-2">
        <h2 className="flex flex-1 items-center gap-2 text-sm font-semibold">{title}</h2>
        {actions}
      </div>
      {children}
    </section>
  );
}

/** A detail over its list: at the right where there is room, over everything on a phone. Escape closes. */
export function Panel({
  label,
  onClose,
  full = false,
  onFull,
  header,
  tools,
  children,
}: {
  label: string;
  onClose: () => void;
  full?: boolean;
  onFull?: () => void;
  header: ReactNode;
  /** Buttons in front of those that every panel has. */
  tools?: ReactNode;
  children: ReactNode;
}) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("[role=dialog],[role=menu]")) onClose();
    };
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, [onClose]);
  return (
    <aside
      ref={box}
      aria-label={label}
      className={cx(
        "z-20 flex min-h-0 flex-col border-line bg-bg max-lg:absolute max-lg:inset-0 max-md:bottom-12",
        full ? "flex-1" : "shrink-0 border-l lg:w-[min(640px,52vw)]",
      )}
    >
      <div className="flex items-start gap-1 border-b border-line py-2 pr-2 pl-4">
        <div className="min-w-0 flex-1">{header}</div>
        <span className="no-print contents">{tools}</span>
        {onFull && (
          <IconButton label={full ? "Show next to the list" : "Show full page"} onClick={onFull} className="no-print max-lg:hidden">
            {full ? <Minimize2 /> : <Maximize2 />}
          </IconButton>
        )}
        <IconButton label="Close" className="no-print" onClick={onClose}>
          <X />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto">{children}</div>
    </aside>
  );
}
