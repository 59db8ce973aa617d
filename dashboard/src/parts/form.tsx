import {
  type FormEvent,
  type FormHTMLAttributes,
  type InputEvent,
  type InputHTMLAttributes,
  type ReactNode,
  type RefObject,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useEffect,
  useId,
  useRef,
} from "react";
import { cx } from "./style";

const BOX =
  "rounded-sm border border-control bg-bg px-2.5 text-base text-text disabled:opacity-60 aria-[invalid=true]:border-critical-solid pointer-coarse:min-h-11";

interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
}

interface ControlProps extends FieldProps {
  children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode;
}

/** A label over a control, what it is for, and what is wrong with it. `children` gets the ids that tie them together. */
export function Field({ label, hint, error, children }: ControlProps) {
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

/** A value with its text, or a text that is its own value. */
type Option = string | readonly [value: string | number, text: string];
const pairOf = (one: Option) => (typeof one === "string" ? ([one, one] as const) : one);

export function Options({ of }: { of: readonly Option[] }) {
  return of.map((one) => {
    const [value, text] = pairOf(one);
    return (
      <option key={value} value={value}>
        {text}
      </option>
    );
  });
}

interface ChoiceSelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "value" | "onChange"> {
  /** Empty or absent for no choice. */
  value: string | undefined;
  /** The text of no choice. */
  none: string;
  of: readonly Option[];
  /** The text of a value that is none of the choices. */
  textOf?: (value: string) => string;
  onChange: (value: string | undefined) => void;
}

/** A select in which nothing may be chosen. What is chosen stays chosen, also if it is none of the choices. */
export function ChoiceSelect({ value = "", none, of, textOf = (one) => one, onChange, ...rest }: ChoiceSelectProps) {
  const isListed = !value || of.some((one) => String(pairOf(one)[0]) === value);
  return (
    <Select {...rest} value={value} onChange={(event) => onChange(event.target.value || undefined)}>
      <option value="">{none}</option>
      <Options of={of} />
      {!isListed && <option value={value}>{textOf(value)}</option>}
    </Select>
  );
}

export function TextArea({ className, ...rest }: TextareaHTMLAttributes<HTMLTextAreaElement>) {
  return <textarea className={cx(BOX, "min-h-20 py-2", wide(className), className)} {...rest} />;
}

/** The props of a field with one control: those of the control, and a value that is a text. */
type FieldOf<Props> = FieldProps & Omit<Props, "value" | "onChange"> & { value?: string | number; onChange?: (value: string) => void };

export function TextField({ label, hint, error, onChange, ...rest }: FieldOf<InputHTMLAttributes<HTMLInputElement>>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <Input {...ids} autoComplete="off" {...rest} onChange={(event) => onChange?.(event.target.value)} />}
    </Field>
  );
}

export function SelectField({ label, hint, error, onChange, ...rest }: FieldOf<SelectHTMLAttributes<HTMLSelectElement>>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <Select {...ids} {...rest} onChange={(event) => onChange?.(event.target.value)} />}
    </Field>
  );
}

export function TextAreaField({ label, hint, error, onChange, ...rest }: FieldOf<TextareaHTMLAttributes<HTMLTextAreaElement>>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) => <TextArea {...ids} {...rest} onChange={(event) => onChange?.(event.target.value)} />}
    </Field>
  );
}

interface FormProps extends Omit<FormHTMLAttributes<HTMLFormElement>, "onSubmit"> {
  onSubmit: () => unknown;
  /** While true nothing is submitted, neither by a button nor with Enter. */
  isBusy?: boolean;
  ref?: RefObject<HTMLFormElement | null>;
}

/** A form without the page load. After a refusal, the first field with an error gets the focus. */
export function Form({ onSubmit, onInput, isBusy = false, className, ref, ...rest }: FormProps) {
  const own = useRef<HTMLFormElement>(null);
  const form = ref ?? own;
  const isSent = useRef(false);
  useEffect(() => {
    if (!isSent.current || isBusy) return;
    isSent.current = false;
    form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation(); // React passes it on from a dialog inside to the form around it
    if (isBusy) return;
    isSent.current = true;
    onSubmit();
  };
  const input = (event: InputEvent<HTMLFormElement>) => {
    isSent.current = false; // whoever types on is not moved elsewhere
    onInput?.(event);
  };
  return <form ref={form} onSubmit={submit} onInput={input} className={cx("flex flex-col gap-4", className)} {...rest} />;
}

/** What a form as a whole was refused for. */
export function FormError({ children }: { children: ReactNode }) {
  return children ? (
    <p role="alert" className="rounded-sm bg-critical-tint px-3 py-2 text-sm text-critical">
      {children}
    </p>
  ) : null;
}

interface CheckProps {
  checked: boolean;
  onChange: (isChecked: boolean) => void;
  hint?: ReactNode;
  disabled?: boolean;
  className?: string;
  children: ReactNode;
}

/** A checkbox with its label, and what it is for below that. */
export function Check({ checked, onChange, hint, disabled, className, children }: CheckProps) {
  return (
    <label className={cx("flex min-h-7 items-start gap-2", className)}>
      <input type="checkbox" className="mt-1" disabled={disabled} checked={checked} onChange={(event) => onChange(event.target.checked)} />
      <span className="min-w-0">
        {children}
        {hint && <span className="block text-xs text-muted">{hint}</span>}
      </span>
    </label>
  );
}

interface ChoiceProps<Value extends string> {
  legend: ReactNode;
  of: readonly (readonly [value: Value, text: ReactNode, hint?: ReactNode])[];
  error?: string;
}

/** One of a few choices, all in view. */
export function Radios<Value extends string>({
  legend,
  of,
  value,
  onChange,
  error,
  children,
}: ChoiceProps<Value> & { value: Value; onChange: (value: Value) => void; children?: ReactNode }) {
  const name = useId();
  return (
    <Choice legend={legend} error={error}>
      <div className="flex flex-col gap-1.5">
        {of.map(([one, text, hint]) => (
          <label key={one} className="flex items-start gap-2">
            <input type="radio" name={name} className="mt-1" checked={value === one} onChange={() => onChange(one)} />
            <span>
              {text}
              {hint && <span className="block text-xs text-muted">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {children}
    </Choice>
  );
}

/** Any number of choices. `layout`: classes of the box around them. */
export function Checks<Value extends string>({
  legend,
  of,
  chosen,
  onChange,
  error,
  layout = "flex max-h-40 flex-col gap-1 overflow-y-auto",
}: ChoiceProps<Value> & { chosen: readonly Value[]; onChange: (chosen: Value[]) => void; layout?: string }) {
  return (
    <Choice legend={legend} error={error}>
      <CheckList of={of} chosen={chosen} onChange={onChange} layout={layout} />
    </Choice>
  );
}

/** The boxes of `Checks` alone, where the legend belongs to more than them. */
export function CheckList<Value extends string>({
  of,
  chosen,
  onChange,
  layout,
}: Pick<ChoiceProps<Value>, "of"> & { chosen: readonly Value[]; onChange: (chosen: Value[]) => void; layout: string }) {
  const toggle = (one: Value, isOn: boolean) => onChange(isOn ? [...chosen, one] : chosen.filter((other) => other !== one));
  return (
    <div className={layout}>
      {of.map(([one, text]) => (
        <Check key={one} className="break-all" checked={chosen.includes(one)} onChange={(isOn) => toggle(one, isOn)}>
          {text}
        </Check>
      ))}
    </div>
  );
}

/** Controls under one legend, and what is wrong with them together. */
export function Choice({ legend, error, children }: { legend: ReactNode; error?: string; children: ReactNode }) {
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      {children}
      {error && <p className="mt-1 text-xs text-critical">{error}</p>}
    </fieldset>
  );
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
