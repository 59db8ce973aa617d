import { Check, Copy, Eye, EyeOff } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { IconButton } from "./button";
import { cx } from "./style";

/** A long name cut in its middle, where names of pods differ least; whole on hover and when copied. */
export function Name({ children, className }: { children: string; className?: string }) {
  const cut = children.length > 24 ? children.length - 8 : children.length;
  return (
    <span title={children} className={cx("inline-flex max-w-full min-w-0", className)}>
      <span className="truncate">{children.slice(0, cut)}</span>
      <span className="shrink-0">{children.slice(cut)}</span>
    </span>
  );
}

/** Copy `text`, also where the browser has no clipboard (plain HTTP). False when it refused. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    box.value = text;
    document.body.append(box);
    box.select();
    const isCopied = document.execCommand("copy");
    box.remove();
    return isCopied;
  }
}

/** Copies `text`; where the browser has no clipboard (plain HTTP) it selects `from` and says what to press. */
export function useCopy(): [string | null, (text: string, from: HTMLElement | null) => Promise<void>] {
  const [message, setMessage] = useState<string | null>(null);
  const copy = async (text: string, from: HTMLElement | null) => {
    try {
      await navigator.clipboard.writeText(text);
      setMessage("Copied");
    } catch {
      if (from) getSelection()?.selectAllChildren(from);
      setMessage("Press Ctrl-C to copy");
    }
    setTimeout(() => setMessage(null), 4000);
  };
  return [message, copy];
}

/** One line to copy. `mask` is hidden until revealed; copying always includes it. */
export function CopyField({ value, label, mask }: { value: string; label: string; mask?: string }) {
  return <CodeBlock text={value} label={label} mask={mask} />;
}

/** Text in a fixed-width box with a copy button: commands, YAML, excerpts. */
export function CodeBlock({
  text,
  label,
  mask,
  wrap = false,
  tall = false,
}: {
  text: string;
  label: string;
  mask?: string;
  wrap?: boolean;
  tall?: boolean;
}) {
  const box = useRef<HTMLElement>(null);
  const [revealed, reveal] = useState(false);
  const [status, copy] = useCopy();
  const shown = mask && !revealed ? text.split(mask).join(mask.slice(0, 4) + "•".repeat(12)) : text;
  return (
    <div className="flex items-start rounded-md border border-line bg-surface">
      <pre
        tabIndex={0}
        role="region"
        aria-label={label}
        className={cx(
          "min-w-0 flex-1 overflow-auto py-2 pr-2 pl-3 font-mono text-xs",
          wrap && "break-words whitespace-pre-wrap",
          tall ? "max-h-[70vh]" : "max-h-80",
        )}
      >
        <code ref={box}>{shown}</code>
      </pre>
      {/* Beside the text, never over it: a long line scrolls under nothing. */}
      <div className="flex shrink-0 items-center p-0.5">
        <span aria-live="polite" className={status === "Copied" ? "sr-only" : "px-1 text-xs text-muted"}>
          {status}
        </span>
        {mask && (
          <IconButton label={revealed ? "Hide token" : "Show token"} onClick={() => reveal(!revealed)}>
            {revealed ? <EyeOff /> : <Eye />}
          </IconButton>
        )}
        <IconButton label={`Copy ${label}`} onClick={() => void copy(text, box.current)}>
          {status === "Copied" ? <Check className="text-ok-solid" /> : <Copy />}
        </IconButton>
      </div>
    </div>
  );
}

export function Key({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-5 min-w-5 items-center justify-center rounded-sm border border-line bg-surface px-1 font-mono text-xs text-muted">
      {children}
    </kbd>
  );
}

/** Names with their values, as a definition list; in two columns where there is room and `wide` allows it. Empty values are left out. */
export function Facts({ of, wide = false }: { of: [name: string, value: ReactNode][]; wide?: boolean }) {
  const shown = of.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "");
  if (wide)
    return (
      <div className="@container">
        <dl className="gap-x-6 @md:columns-2">
          {shown.map(([name, value]) => (
            <div key={name} className="flex break-inside-avoid gap-3 py-0.5">
              <dt className="w-26 shrink-0 text-muted">{name}</dt>
              <dd className="min-w-0 flex-1 break-words">{value}</dd>
            </div>
          ))}
        </dl>
      </div>
    );
  return (
    <dl className="grid grid-cols-[minmax(96px,max-content)_1fr] gap-x-4 gap-y-1">
      {shown.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
