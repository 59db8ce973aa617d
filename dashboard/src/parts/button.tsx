import { Plus } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { cx } from "./style";

type Kind = "primary" | "plain" | "quiet" | "danger";
const KINDS: Record<Kind, string> = {
  primary: "bg-accent text-on-accent border-accent hover:brightness-110",
  plain: "bg-raised text-text border-control/60 hover:bg-hover",
  quiet: "bg-transparent text-muted border-transparent hover:bg-hover hover:text-text",
  danger: "bg-raised text-critical border-critical/60 hover:bg-critical-tint",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: Kind;
  small?: boolean;
  /** Shown in front; hidden from screen readers. */
  icon?: ReactNode;
  /** While true the button says so and does nothing. */
  busy?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  kind = "plain",
  small = false,
  icon,
  busy = false,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(
        "inline-flex shrink-0 items-center justify-center gap-1.5 rounded-sm border font-medium whitespace-nowrap transition-colors duration-100",
        "disabled:opacity-55 [&_svg]:size-3.5",
        small ? "h-6 px-2 text-xs pointer-coarse:h-9" : "h-8 px-3 text-sm pointer-coarse:h-11",
        KINDS[kind],
        className,
      )}
      {...rest}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  );
}

/** A button that shows only an icon; `label` is its name. */
export function IconButton({ label, children, className, ...rest }: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={cx(
        "inline-flex size-7 shrink-0 items-center justify-center rounded-sm text-muted hover:bg-hover hover:text-text disabled:opacity-50 pointer-coarse:size-11 [&_svg]:size-4",
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}

export function Spinner() {
  return <span aria-hidden className="size-3.5 animate-spin rounded-full border-2 border-current border-t-transparent" />;
}

interface NewProps {
  /** Why this person cannot create it. */
  refused: string | false;
  onClick: () => void;
  children: ReactNode;
}

/** Opens the form that creates something. */
export function NewButton({ refused, ...rest }: NewProps) {
  return <Button kind="primary" icon={<Plus aria-hidden />} disabled={!!refused} title={refused || undefined} {...rest} />;
}
