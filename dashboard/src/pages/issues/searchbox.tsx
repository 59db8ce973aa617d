// The search box of the issue list: it shows the whole filter as a query, and completes keys and the values that the list has.
import { Search } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useId, useState } from "react";
import { flushSync } from "react-dom";
import type { Facets } from "../../api/queries";
import { cx } from "../../parts";

import { isUnfinished, MAX_QUERY } from "../search";
import type { IssueSearch } from "./filter";
import { KEYS, quoted, read, VALUES, type Word, wordAt, write } from "./querytext";

const MOST_OFFERED = 8;
const PAUSE_MS = 250;

interface Offer {
  insert: string;
  shown: string;
  hint?: string | undefined;
}

function offers(word: Word, facets: Facets | undefined, clusters: string[]): Offer[] {
  const typed = word.typed.toLowerCase();
  if (word.key === undefined)
    return KEYS.filter(([key]) => key.startsWith(typed)).map(([key, hint]) => ({ insert: `${key}:`, shown: `${key}:`, hint }));
  const counted = (facets?.[word.key as keyof Facets] ?? []) as { value: string; count: number }[];
  const known = new Map(Array.isArray(counted) ? counted.map((one) => [one.value, String(one.count)]) : []);
  const all = word.key === "cluster" ? clusters : (VALUES[word.key] ?? [...known.keys(), ...(word.key === "assignee" ? ["me"] : [])]);
  return [...new Set(all)]
    .filter((value) => value.toLowerCase().includes(typed) && value !== word.typed)
    .map((value) => {
      const written = word.key === "label" ? value.replace(":", "=") : quoted(value);
      return { insert: written, shown: written, hint: known.get(value) };
    });
}

/** Whether a value is being typed that only begins one that the list has: to search for it would empty the list at each letter. */
function isBeginning(word: Word | null, facets: Facets | undefined, clusters: string[]): boolean {
  if (!word?.key || !word.typed || !offers(word, facets, clusters).length) return false;
  const typed = word.typed.toLowerCase();
  return !offers({ ...word, typed: "" }, facets, clusters).some((one) => one.shown.toLowerCase() === typed);
}

export function SearchBox({
  search,
  change,
  box,
  facets,
  clusters,
  error,
}: {
  search: IssueSearch;
  change: (next: Partial<IssueSearch>) => void;
  box: RefObject<HTMLInputElement | null>;
  facets: Facets | undefined;
  clusters: string[];
  /** Why the server refused the query. */
  error: string | undefined;
}) {
  const id = useId();
  const said = write(search);
  const [text, setText] = useState(said);
  const [word, setWord] = useState<Word | null>(null);
  const [at, setAt] = useState(-1);
  const isSame = write({ ...search, ...read(text, search) }) === said;
  // Changed elsewhere, by a facet or a view: the box follows. What is being typed stays as it is typed.
  useEffect(() => setText((now) => (write({ ...search, ...read(now, search) }) === said ? now : said)), [said]);
  const isWaiting = isUnfinished(text) || isBeginning(word, facets, clusters);
  useEffect(() => {
    if (isSame || isWaiting) return;
    const timer = setTimeout(() => change(read(text, search)), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text, isSame, isWaiting, search, change]);
  const offered = word ? offers(word, facets, clusters).slice(0, word.typed || word.key ? MOST_OFFERED : KEYS.length) : [];
  const isOpen = offered.length > 0;
  const look = (input: HTMLInputElement) => {
    setWord(wordAt(input.value, input.selectionStart ?? input.value.length));
    setAt(-1);
  };
  const close = () => setWord(null);
  const accept = (one: Offer) => {
    if (!word) return;
    const rest = text.slice(word.to);
    const space = word.key !== undefined && !rest.startsWith(" ") ? " " : "";
    const next = text.slice(0, word.from) + one.insert + space + rest;
    const cursor = word.from + one.insert.length + space.length;
    flushSync(() => setText(next)); // the cursor is set before the next key arrives
    box.current?.setSelectionRange(cursor, cursor);
    setWord(wordAt(next, cursor));
    setAt(-1);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      if (isOpen) setAt(at < 0 && move < 0 ? offered.length - 1 : (at + move + offered.length) % offered.length);
      else look(event.currentTarget);
    } else if ((event.key === "Enter" || event.key === "Tab") && at >= 0 && offered[at]) {
      event.preventDefault();
      accept(offered[at]);
    } else if (event.key === "Enter") {
      close();
      change(read(text, search));
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (isOpen) close();
      else event.currentTarget.blur();
    }
  };
  return (
    <div className="relative min-w-56 flex-1 @max-xl:basis-full @xl:max-w-xl">
      <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2 size-3.5 -translate-y-1/2 text-muted" />
      <input
        ref={box}
        type="text"
        role="combobox"
        aria-label="Search issues"
        aria-expanded={isOpen}
        aria-controls={`${id}-offers`}
        aria-activedescendant={isOpen && at >= 0 ? `${id}-${at}` : undefined}
        aria-autocomplete="list"
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder="Search, or severity:critical ns:shop"
        maxLength={MAX_QUERY}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          look(event.target);
        }}
        onClick={(event) => look(event.currentTarget)}
        onKeyDown={onKeyDown}
        onBlur={close}
        className={cx(
          "h-8 w-full rounded-sm border bg-bg pr-2 pl-7 text-sm placeholder:text-muted pointer-coarse:h-11",
          error ? "border-critical-solid" : "border-control/60",
        )}
      />
      {error && (
        <p id={`${id}-error`} role="status" className="sr-only">
          {error}
        </p>
      )}
      <div
        id={`${id}-offers`}
        role="listbox"
        aria-label="Suggestions"
        hidden={!isOpen}
        className="absolute top-full left-0 z-20 mt-1 max-h-80 w-full min-w-64 overflow-y-auto rounded-md border border-line bg-raised p-1 shadow-raised"
      >
        {offered.map((one, index) => (
          <div
            key={one.shown}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            onMouseDown={(event) => {
              event.preventDefault(); // the cursor stays in the box
              accept(one);
            }}
            className={cx(
              "flex h-8 cursor-default items-center justify-between gap-3 rounded-sm px-2",
              index === at ? "bg-selected" : "hover:bg-hover",
            )}
          >
            <span className="truncate font-mono text-xs">{one.shown}</span>
            <span className="shrink-0 truncate text-xs text-muted">{one.hint}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
