// The rows of the resource list: only those in view are in the page.

import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { counted, cx, Mark, Name, StaleMark, Time, useKeys } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { statusWord, toneOf } from "./kinds";
import type { Resource } from "./queries";

const COLUMNS =
  "grid-cols-[minmax(0,1fr)_auto] @2xl:grid-cols-[minmax(0,3fr)_minmax(120px,1.2fr)_minmax(80px,1fr)_64px] @5xl:grid-cols-[minmax(0,3fr)_minmax(140px,1.2fr)_minmax(90px,1fr)_minmax(80px,0.8fr)_minmax(0,1.4fr)_64px]";

const TWO_LINES_BELOW_PX = 672; // where the columns for namespace and age are left out

interface GridProps {
  rows: Resource[];
  total: number;
  sort: string;
  withKind: boolean;
  open: string | undefined;
  onSort: (sort: string) => void;
  more: (() => void) | null;
  isRenewing: boolean;
}

export function Grid({ rows, total, sort, withKind, open, onSort, more, isRenewing }: GridProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow(scroller, TWO_LINES_BELOW_PX);
  const [cursor, setCursor] = useState(-1);
  const go = useNavigate();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => (isNarrow ? 52 : 36),
    overscan: 12,
  });
  useEffect(() => virtual.measure(), [isNarrow, virtual]);
  const shown = virtual.getVirtualItems();
  const last = shown.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last > rows.length - 40) more();
  }, [more, last, rows.length]);
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, cursor + by));
    setCursor(next);
    virtual.scrollToIndex(next);
  };
  const enter = () => {
    const row = rows[cursor];
    if (row) void go({ to: "/resources/$resourceId", params: { resourceId: row.id }, search: true } as never);
  };
  useKeys({ j: () => move(1), k: () => move(-1), o: enter, Enter: enter });
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Resources, scrollable"
      aria-busy={isRenewing}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
    >
      <div role="table" aria-label={`${counted(total)} resources`} aria-rowcount={total + 1}>
        <div role="rowgroup" className="sticky top-0 z-10 max-sm:hidden">
          <div
            role="row"
            className={cx("grid h-8 items-center gap-x-4 border-b border-line bg-surface px-4 text-xs font-medium text-muted", COLUMNS)}
          >
            <Head name="name" sort={sort} onSort={onSort}>
              Name <span className="font-normal">({counted(total)})</span>
            </Head>
            <span role="columnheader">Status</span>
            <Head name="namespace" sort={sort} onSort={onSort} className="hidden @2xl:flex">
              Namespace
            </Head>
            <span role="columnheader" className="hidden @5xl:block">
              Cluster
            </span>
            <span role="columnheader" className="hidden @5xl:block">
              Owner
            </span>
            <Head name="createdAt" sort={sort} onSort={onSort} className="hidden @2xl:flex">
              Age
            </Head>
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {shown.map((item) => {
            const row = rows[item.index]!;
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the first cell, and j, k and Enter, do the same
              <div
                key={item.key}
                role="row"
                aria-rowindex={item.index + 2}
                onClick={(event) => {
                  if (!(event.target as Element).closest("a") && !getSelection()?.toString())
                    void go({ to: "/resources/$resourceId", params: { resourceId: row.id }, search: true } as never);
                }}
                style={{ transform: `translateY(${item.start}px)`, height: item.size }}
                className={cx(
                  "absolute inset-x-0 top-0 grid cursor-pointer items-center gap-x-4 border-b border-line px-4 hover:bg-hover",
                  COLUMNS,
                  row.id === open && "bg-selected",
                  item.index === cursor && "outline-2 -outline-offset-2 outline-accent",
                )}
              >
                <span role="cell" className="min-w-0">
                  <Link
                    to="/resources/$resourceId"
                    params={{ resourceId: row.id }}
                    search={true as never}
                    className="flex min-w-0 items-baseline gap-2 rounded-sm font-mono text-xs hover:underline"
                  >
                    <Name>{row.name}</Name>
                    {withKind && !isNarrow && <span className="shrink-0 font-sans text-muted">{row.kind}</span>}
                  </Link>
                  {isNarrow && (
                    <span className="block truncate text-xs text-muted">
                      {row.kind}
                      {row.namespace && ` · ${row.namespace}`}
                    </span>
                  )}
                </span>
                <span role="cell" className="min-w-0 truncate">
                  {row.stale ? (
                    <span className="inline-flex max-w-full items-center gap-1.5 text-muted">
                      <span className="truncate">{row.status ? statusWord(row.status) : "–"}</span>
                      <StaleMark of={row} />
                    </span>
                  ) : row.status ? (
                    <Mark tone={toneOf(row.status)}>{statusWord(row.status)}</Mark>
                  ) : (
                    <span className="text-muted">–</span>
                  )}
                </span>
                <span role="cell" className="hidden truncate text-muted @2xl:block">
                  {row.namespace ?? "–"}
                </span>
                <span role="cell" className="hidden truncate text-muted @5xl:block">
                  {row.cluster}
                </span>
                <span
                  role="cell"
                  className="hidden min-w-0 truncate text-xs text-muted @5xl:block"
                  title={row.owner ? `${row.owner.kind}/${row.owner.name}` : undefined}
                >
                  {row.owner ? `${row.owner.kind} ${row.owner.name}` : ""}
                </span>
                <span role="cell" className="hidden text-muted @2xl:block">
                  <Time at={row.createdAt} short />
                </span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Head({
  name,
  sort,
  onSort,
  className,
  children,
}: {
  name: string;
  sort: string;
  onSort: (sort: string) => void;
  className?: string;
  children: ReactNode;
}) {
  const isUp = sort === name;
  const isDown = sort === `-${name}`;
  return (
    <span
      role="columnheader"
      aria-sort={isUp ? "ascending" : isDown ? "descending" : "none"}
      className={cx("min-w-0 items-center", className ?? "flex")}
    >
      <button
        type="button"
        className="flex h-6 items-center gap-1 rounded-sm hover:text-text"
        onClick={() => onSort(isUp ? `-${name}` : name)}
      >
        {children}
        {isUp && <ArrowUp aria-hidden className="size-3" />}
        {isDown && <ArrowDown aria-hidden className="size-3" />}
      </button>
    </span>
  );
}
