// Log lines: only those in view are drawn; searched, wrapped, followed until the reader scrolls up, kept as a file. Lines are text, never markup.

import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDownToLine, ChevronDown, ChevronUp, Download, Regex, Search, WrapText } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "./button";
import { useFind } from "./find";
import { save } from "./save";
import { cx } from "./style";

export interface LogLine {
  text: string;
  /** Shown in front, muted: a clock time, the step. */
  lead?: string;
  tone?: "error" | "warning";
  /** Whose line it is, where several are shown together: `text` is short, `title` whole; the color repeats what the text says. */
  tag?: { text: string; title: string; color: number };
  /** Not a line of the log, but about it. */
  isNote?: boolean;
}

const TAG_COLORS = ["text-low", "text-ok", "text-ai", "text-high", "text-accent", "text-info"];

interface LogViewProps {
  lines: readonly LogLine[];
  label: string;
  fileName: string;
  /** More lines may come: stay at the end until the reader scrolls up. */
  isLive?: boolean;
  tools?: ReactNode;
  empty?: ReactNode;
  tall?: boolean;
  /** Long lines are wrapped to begin with. */
  wraps?: boolean;
}
const NEAR_END_PX = 24;

export function LogView({ lines, label, fileName, isLive = false, tools, empty = "No lines.", tall = false, wraps = false }: LogViewProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [isWrapped, wrap] = useState(() => wraps || matchMedia("(max-width: 639px)").matches);
  const [wanted, want] = useState("");
  const [isRegex, setRegex] = useState(false);
  const [hit, setHit] = useState(0);
  const [isFollowing, follow] = useState(true);
  const seen = useRef(lines.length);
  const texts = useMemo(() => lines.map((line) => line.text), [lines]);
  const { lines: found, parts, problem } = useFind(texts, wanted, isRegex);
  const virtual = useVirtualizer({ count: lines.length, getScrollElement: () => scroller.current, estimateSize: () => 18, overscan: 30 });
  useEffect(() => virtual.measure(), [isWrapped, virtual]);
  useEffect(() => {
    if (isFollowing && lines.length) virtual.scrollToIndex(lines.length - 1, { align: "end" });
    if (isFollowing) seen.current = lines.length;
  }, [lines.length, isFollowing, isWrapped, virtual]);
  const jump = (to: number) => {
    if (!found.length) return;
    const next = (to + found.length) % found.length;
    setHit(next);
    follow(false);
    virtual.scrollToIndex(found[next]!, { align: "center" });
  };
  const press = (event: KeyboardEvent) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    jump(hit + (event.shiftKey ? -1 : 1));
  };
  const scrolled = () => {
    const box = scroller.current;
    if (!box) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    if (atEnd !== isFollowing) follow(atEnd);
  };
  const fresh = lines.length - seen.current;
  return (
    <div className="relative flex min-h-0 flex-col overflow-hidden rounded-md border border-line">
      <div className="flex flex-wrap items-center gap-1 border-b border-line bg-surface p-1">
        {tools}
        <label className="relative ml-auto">
          <Search aria-hidden className="pointer-events-none absolute top-1.5 left-2 size-3.5 text-muted" />
          <input
            type="search"
            aria-label={`Search in ${label}`}
            placeholder="Search"
            value={wanted}
            onChange={(event) => {
              want(event.target.value);
              setHit(0);
            }}
            onKeyDown={press}
            className="h-7 w-40 rounded-sm border border-control bg-bg pr-1 pl-7 text-sm"
          />
        </label>
        <IconButton
          label="Regular expression"
          aria-pressed={isRegex}
          onClick={() => {
            setRegex(!isRegex);
            setHit(0);
          }}
          className={isRegex ? "bg-selected text-text" : undefined}
        >
          <Regex />
        </IconButton>
        <span aria-live="polite" className="min-w-10 text-center text-xs text-muted">
          {wanted && (problem ?? (found.length ? `${Math.min(hit + 1, found.length)} of ${found.length}` : "none"))}
        </span>
        <IconButton label="Previous match" disabled={!found.length} onClick={() => jump(hit - 1)}>
          <ChevronUp />
        </IconButton>
        <IconButton label="Next match" disabled={!found.length} onClick={() => jump(hit + 1)}>
          <ChevronDown />
        </IconButton>
        <IconButton
          label="Wrap lines"
          aria-pressed={isWrapped}
          onClick={() => wrap(!isWrapped)}
          className={isWrapped ? "bg-selected text-text" : undefined}
        >
          <WrapText />
        </IconButton>
        <IconButton label="Download" disabled={!lines.length} onClick={() => save(fileName, lines.map(asText).join(""))}>
          <Download />
        </IconButton>
      </div>
      {lines.length === 0 ? (
        <div className="px-3 py-6 text-center text-muted">{empty}</div>
      ) : (
        <div
          ref={scroller}
          onScroll={scrolled}
          tabIndex={0}
          role="log"
          aria-live="off"
          aria-label={label}
          className={cx(
            "overflow-auto bg-bg font-mono text-xs outline-offset-[-2px]",
            tall ? "h-[calc(100dvh-260px)] min-h-60" : "max-h-[50vh]",
          )}
        >
          <div className={cx("relative", !isWrapped && "w-max min-w-full")} style={{ height: virtual.getTotalSize() }}>
            <div
              className={cx("absolute top-0 left-0", isWrapped ? "w-full" : "min-w-full")}
              style={{ transform: `translateY(${virtual.getVirtualItems()[0]?.start ?? 0}px)` }}
            >
              {virtual.getVirtualItems().map((item) => (
                <Line
                  key={item.key}
                  index={item.index}
                  line={lines[item.index]!}
                  measure={virtual.measureElement}
                  isWrapped={isWrapped}
                  parts={wanted ? parts(item.index) : [lines[item.index]!.text]}
                  isHit={found[hit] === item.index && wanted !== ""}
                />
              ))}
            </div>
          </div>
        </div>
      )}
      {!isFollowing && (isLive || fresh > 0) && (
        <Button
          small
          className="absolute right-4 bottom-3 shadow-raised"
          icon={<ArrowDownToLine aria-hidden />}
          onClick={() => follow(true)}
        >
          {fresh > 0 ? `${fresh} new` : "Jump to end"}
        </Button>
      )}
    </div>
  );
}

interface LineProps {
  line: LogLine;
  index: number;
  measure: (element: HTMLElement | null) => void;
  isWrapped: boolean;
  /** The text; every second part is a hit. */
  parts: readonly string[];
  isHit: boolean;
}

const asText = (line: LogLine) => `${line.tag ? `${line.tag.title} ` : ""}${line.lead ? `${line.lead} ` : ""}${line.text}\n`;

function Line({ line, index, measure, isWrapped, parts, isHit }: LineProps) {
  if (line.isNote)
    return (
      <div ref={measure} data-index={index} className="my-0.5 border-y border-dashed border-line px-3 py-0.5 font-sans text-muted italic">
        {line.text}
      </div>
    );
  return (
    <div
      ref={measure}
      data-index={index}
      className={cx(
        "min-h-[18px] px-3 leading-[18px]",
        isWrapped ? "break-words whitespace-pre-wrap" : "whitespace-pre",
        line.tone === "error" && "bg-critical-tint text-critical",
        line.tone === "warning" && "bg-medium-tint text-medium",
        isHit && "outline-1 -outline-offset-1 outline-accent",
      )}
    >
      {line.tag && (
        <span title={line.tag.title} className={cx("mr-3 font-semibold", TAG_COLORS[line.tag.color % TAG_COLORS.length])}>
          {line.tag.text}
        </span>
      )}
      {line.lead && <span className={cx("mr-3 select-none", !line.tone && "text-muted")}>{line.lead}</span>}
      {parts.map((part, place) =>
        place % 2 ? (
          <mark key={place} className="bg-medium-tint text-medium">
            {part}
          </mark>
        ) : (
          part
        ),
      )}
    </div>
  );
}
