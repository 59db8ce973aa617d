// A text box that offers what there is to choose, as WAI-ARIA describes a combobox: typing narrows the list, arrows move, Enter takes one,
// Escape closes the list and nothing else. Any other text stays possible.
import { Check } from "lucide-react";
import { type InputHTMLAttributes, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Input } from "./form";
import { cx } from "./style";

const MOST = 50; // more are found by typing

interface ComboboxProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange"> {
  value: string;
  onChange: (value: string) => void;
  /** What there is to choose; what does not fit the text is left out here. */
  options: readonly string[];
  /** Several values, with commas between them. */
  several?: boolean;
  /** Called with the text to look for when the list opens and whenever the text changes, where options depend on it. */
  onSearch?: (text: string) => void;
}

/** The part of the text that is being typed, and what stands before it. */
export function typedPart(value: string, several: boolean): [before: string, typed: string] {
  const at = several ? value.lastIndexOf(",") + 1 : 0;
  const rest = value.slice(at);
  return [value.slice(0, at) + (at ? " " : ""), rest.trim()];
}

/** The options that the typed text fits, those that begin with it first; none if it already is the only one. */
export function offered(options: readonly string[], typed: string, taken: readonly string[] = []): string[] {
  const text = typed.toLowerCase();
  const fitting = options.filter((one) => one.toLowerCase().includes(text) && !taken.includes(one));
  if (fitting.length === 1 && fitting[0] === typed) return [];
  const rank = (one: string) => (one.toLowerCase().startsWith(text) ? 0 : 1);
  return fitting.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, undefined, { numeric: true })).slice(0, MOST);
}

export function Combobox({ value, onChange, options, several = false, onSearch, className, ...rest }: ComboboxProps) {
  const id = useId();
  const box = useRef<HTMLUListElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [at, setAt] = useState(-1);
  const [before, typed] = typedPart(value, several);
  const taken = several ? before.split(",").map((one) => one.trim()) : [];
  // When the list is opened on a value that is chosen already, all others are offered as well.
  const [isTyping, setTyping] = useState(false);
  const shown = isOpen ? offered(options, isTyping ? typed : "", taken) : [];
  useEffect(() => {
    box.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const open = () => {
    setOpen(true);
    setTyping(false);
    setAt(-1);
    onSearch?.("");
  };
  const close = () => setOpen(false);
  const take = (one: string) => {
    onChange(several ? before + one : one);
    close();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by) {
      event.preventDefault();
      if (!isOpen) open();
      else if (shown.length) setAt((at + by + shown.length + (at < 0 && by < 0 ? 1 : 0)) % shown.length);
    } else if (event.key === "Enter" && shown[at]) {
      event.preventDefault();
      take(shown[at]);
    } else if (event.key === "Escape" && shown.length) {
      event.preventDefault();
      close();
    } else if (event.key === "Tab") close();
  };
  return (
    <div className={cx("relative", /(^|\s)(sm:)?w-/.test(className ?? "") ? className : "w-full")}>
      <Input
        {...rest}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={shown.length > 0}
        aria-controls={shown.length ? id : undefined}
        aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
        autoComplete="off"
        spellCheck={false}
        className={cx("font-mono text-sm!")}
        value={value}
        onClick={open}
        onBlur={close}
        onKeyDown={onKeyDown}
        onChange={(event) => {
          onChange(event.target.value);
          setOpen(true);
          setTyping(true);
          setAt(-1);
          onSearch?.(typedPart(event.target.value, several)[1]);
        }}
      />
      {shown.length > 0 && (
        <ul
          ref={box}
          id={id}
          role="listbox"
          aria-label="Suggestions"
          className="absolute z-20 mt-1 max-h-52 w-full min-w-40 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-raised"
        >
          {shown.map((one, index) => (
            <li
              key={one}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === at}
              onMouseDown={(event) => event.preventDefault()} // the focus stays in the text box
              onClick={() => take(one)}
              onKeyDown={undefined}
              className={cx(
                "flex min-h-7 cursor-pointer items-center gap-2 rounded-sm px-2 font-mono text-xs break-all pointer-coarse:min-h-11",
                index === at ? "bg-selected" : "hover:bg-hover",
              )}
            >
              <span className="min-w-0 flex-1">{one}</span>
              {one === typed && <Check aria-hidden className="size-3.5 shrink-0 text-accent" />}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
