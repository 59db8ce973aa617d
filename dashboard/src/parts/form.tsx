import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes, useId } from "react";
import { cx } from "./style";

const BOX =
  "rounded-sm border border-control bg-bg px-2.5 text-base text-text disabled:opacity-60 aria-[invalid=true]:border-critical-solid pointer-coarse:min-h-11";

/** A label over a control, what it is for, and what is wrong with it. `children` gets the ids that tie them together. */
export function Field({
  label,
  hint,
  error,
  children,
}: {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}) {
  const id = useId();
  const described = error || hint ? `${id}-more` : undefined;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="text-sm font-medium">
        {label}
      </label>
      {children({ id, "aria-describedby": described, ...(error ? { "aria-invalid": true as const } : {}) })}
      {described && (
        <p id={described} className={cx("text-xs", error ? "text-critical" : "text-muted")}>
          {error || hint}
        </p>
      )}
    </div>
  );
}

/** A width given by the caller replaces the full one: two classes for one property would leave it to the order of the style sheet. */
const wide = (className: string | undefined) => (/(^|\s)w-/.test(className ?? "") ? undefined : "w-full");

export function Input({ className, ...rest }: InputHTMLAttributes<HTMLInputElement>) {
  return <input className={cx(BOX, "h-9", wide(className), className)} {...rest} />;
}

export function Select({ className, children, ...rest }: SelectHTMLAttributes<HTMLSelectElement>) {
  return (
    <select className={cx(BOX, "h-9 pr-2", wide(className), className)} {...rest}>
      {children}
    </select>
  );
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea className={cx(BOX, "min-h-20 py-2", wide(className), className)} {...rest} />;
}

/** What a form as a whole was refused for. */
export function FormError({ children }: { children: ReactNode }) {
  return children ? (
    <p role="alert" className="rounded-sm bg-critical-tint px-3 py-2 text-sm text-critical">
      {children}
    </p>
  ) : null;
}

interface SwitchProps {
  isOn: boolean;
  disabled: boolean;
  label: string;
  hint: string;
  title?: string;
  onChange: (isOn: boolean) => void;
}

/** A setting that is on or off, and takes effect at once. */
export function Switch({ isOn, disabled, label, hint, title, onChange }: SwitchProps) {
  return (
    <label className="flex items-start gap-2" title={title}>
      <input
        type="checkbox"
        role="switch"
        className="mt-1"
        disabled={disabled}
        checked={isOn}
        aria-checked={isOn}
        onChange={(event) => onChange(event.target.checked)}
      />
      <span>
        {label}
        <span className="block text-xs text-muted">{hint}</span>
      </span>
    </label>
  );
}
