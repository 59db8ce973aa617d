// The rows of the resource list: only those in view are in the page. Below a workload that is open are the objects that it owns.

import { Link, useNavigate } from "@tanstack/react-router";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp, ChevronRight } from "lucide-react";
import { memo, type ReactNode, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { counted, cx, Glyph, Name, StaleMark, Time, useKeys } from "../../parts";
import { useWidth } from "../../parts/narrow";
import { ObjectLink } from "../objectlink";
import { isParent, useUnfolded } from "./folding";
import { ownerOf, statusWord, toneOfResource } from "./kinds";
import { type Drawn, type KindColumn, layout, TWO_LINES_BELOW_PX, template } from "./layout";
import type { Resource } from "./queries";

const NARROW = "minmax(min(45%,12rem),1fr) minmax(0,auto)"; // a long status leaves the name its room

interface GridProps {
  rows: Resource[];
  total: number;
  /** Of the kind, if the list has one kind. */
  columns: readonly KindColumn[];
  sort: string;
  withKind: boolean;
  /** The rows are workloads, with what they own below them. */
  isFolded: boolean;
  isOneCluster: boolean;
  open: string | undefined;
  onSort: (sort: string) => void;
  more: (() => void) | null;
  isRenewing: boolean;
}

export function Grid({ rows: tops, total, columns, sort, withKind, isFolded, isOneCluster, open, onSort, more, isRenewing }: GridProps) {
  const [rows, unfolded, unfold] = useUnfolded(tops);
  const scroller = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller, (px) => Math.floor(px / 16) * 16); // a drag does not draw the rows again at each pixel
  const isNarrow = width < TWO_LINES_BELOW_PX;
  const drawn = useMemo(() => layout(width, columns, tops, { isOneCluster }), [width, columns, tops, isOneCluster]);
  const style = { gridTemplateColumns: isNarrow ? NARROW : template(drawn) };
  const [cursor, setCursor] = useState(-1);
  const go = useNavigate();
  const show = useCallback(
    (row: Resource) => void go({ to: "/resources/$resourceId", params: { resourceId: row.id }, search: true } as never),
    [go],
  );
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
  const foldAt = (isOpen: boolean) => {
    const row = rows[cursor]?.resource;
    if (isFolded && row && isParent(row) && unfolded.has(row.id) !== isOpen) unfold(row.id);
  };
  const move = (by: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, cursor + by));
    setCursor(next);
    virtual.scrollToIndex(next);
  };
  const enter = () => {
    const row = rows[cursor]?.resource;
    if (row) show(row);
  };
  useKeys({ j: () => move(1), k: () => move(-1), o: enter, Enter: enter, ArrowRight: () => foldAt(true), ArrowLeft: () => foldAt(false) });
  return (
    <div
      ref={scroller}
      tabIndex={0}
      role="region"
      aria-label="Resources, scrollable"
      aria-busy={isRenewing}
      className="min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
    >
      <div role="table" aria-label={`${counted(total)} resources`} aria-rowcount={total + rows.length - tops.length + 1}>
        <div role="rowgroup" className="sticky top-0 z-10 max-sm:hidden">
          <div
            role="row"
            style={style}
            className="grid h-8 items-center gap-x-4 border-b border-line bg-surface px-4 text-xs font-medium text-muted"
          >
            {drawn.map((one) => (
              <Head key={one.id} of={one} sort={sort} onSort={onSort}>
                {one.title}
                {one.id === "name" && <span className="font-normal"> ({counted(total)})</span>}
              </Head>
            ))}
          </div>
        </div>
        <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
          {shown.map((item) => {
            const { resource: row, isBelow } = rows[item.index]!;
            return (
              <Line
                key={item.key}
                row={row}
                index={item.index}
                start={item.start}
                size={item.size}
                template={style.gridTemplateColumns}
                drawn={drawn}
                columns={columns}
                withKind={withKind}
                isBelow={isBelow}
                isUnfolded={isFolded && isParent(row) ? unfolded.has(row.id) : undefined}
                onUnfold={unfold}
                isNarrow={isNarrow}
                isOpen={row.id === open}
                isCursor={item.index === cursor}
                onOpen={show}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface LineProps {
  row: Resource;
  index: number;
  /** Where it begins, and how high it is, in pixels. */
  start: number;
  size: number;
  template: string;
  drawn: Drawn[];
  columns: readonly KindColumn[];
  withKind: boolean;
  /** It is owned by the workload above. */
  isBelow: boolean;
  /** Whether what it owns is in view; undefined if it owns nothing, or not in this list. */
  isUnfolded: boolean | undefined;
  onUnfold: (id: string) => void;
  isNarrow: boolean;
  isOpen: boolean;
  isCursor: boolean;
  onOpen: (row: Resource) => void;
}

/** One row. Scrolling draws only the rows that come into view. */
const Line = memo(function Line({
  row,
  index,
  start,
  size,
  template,
  drawn,
  columns,
  withKind,
  isBelow,
  isUnfolded,
  onUnfold,
  isNarrow,
  isOpen,
  isCursor,
  onOpen,
}: LineProps) {
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the link in the first cell, and j, k and Enter, do the same
    <div
      role="row"
      aria-rowindex={index + 2}
      onClick={(event) => {
        if (!(event.target as Element).closest("a,button") && !getSelection()?.toString()) onOpen(row);
      }}
      style={{ gridTemplateColumns: template, transform: `translateY(${start}px)`, height: size }}
      className={cx(
        "absolute inset-x-0 top-0 grid cursor-pointer items-center gap-x-4 border-b border-line px-4 hover:bg-hover",
        isOpen && "bg-selected",
        isCursor && "outline-2 -outline-offset-2 outline-accent",
      )}
    >
      {drawn.map((one) => (
        <RowCell
          key={one.id}
          of={one}
          row={row}
          withKind={withKind}
          isNarrow={isNarrow}
          columns={columns}
          isBelow={isBelow}
          isUnfolded={isUnfolded}
          onUnfold={onUnfold}
        />
      ))}
    </div>
  );
});

type CellProps = Pick<LineProps, "row" | "withKind" | "isNarrow" | "columns" | "isBelow" | "isUnfolded" | "onUnfold"> & { of: Drawn };

function RowCell({ of, ...rest }: CellProps) {
  const { row } = rest;
  if (of.id === "name") return <NameCell {...rest} />;
  if (of.id === "status")
    return <StatusCell row={row} word={(of.title === "Status" ? statusWord(row.status) : (row.status ?? "–")) + podsText(row.pods)} />;
  const content = of.own ? ownValue(of.own, row) : commonValue(of.id, row);
  return (
    <span
      role="cell"
      title={typeof content === "string" ? content : undefined}
      className={cx("min-w-0 truncate text-muted", of.own?.type === "count" && "tabular-nums")}
    >
      {content}
    </span>
  );
}

function NameCell({ row, withKind, isNarrow, columns, isBelow, isUnfolded, onUnfold }: Omit<CellProps, "of">) {
  return (
    <span role="rowheader" className={cx("relative min-w-0", isUnfolded !== undefined && "pl-5", isBelow && "pl-10")}>
      {isUnfolded !== undefined && (
        <button
          type="button"
          aria-expanded={isUnfolded}
          aria-label={`Objects of ${row.kind} ${row.name}`}
          onClick={() => onUnfold(row.id)}
          className="absolute top-1/2 -left-1.5 flex size-6 -translate-y-1/2 items-center justify-center rounded-sm text-muted hover:bg-selected hover:text-text"
        >
          <ChevronRight aria-hidden className={cx("size-3.5 transition-transform", isUnfolded && "rotate-90")} />
        </button>
      )}
      <Link
        to="/resources/$resourceId"
        params={{ resourceId: row.id }}
        search={true as never}
        className="flex min-w-0 items-baseline gap-2 rounded-sm font-mono text-xs hover:underline"
      >
        <Name>{row.name}</Name>
        {withKind && !isNarrow && <span className="shrink-0 font-sans text-muted">{row.kind}</span>}
      </Link>
      {isNarrow && <span className="block truncate text-xs text-muted">{below(row, withKind, columns)}</span>}
    </span>
  );
}

/** What a row on a phone says below its name: where it is, and what its kind shows first. */
function below(row: Resource, withKind: boolean, columns: readonly KindColumn[]): string {
  const own = columns
    .filter((one) => !one.wide && !one.isState && one.type !== "time" && row.columns?.[one.name] !== undefined)
    .slice(0, 2)
    .map((one) => `${one.title.toLowerCase()} ${row.columns![one.name]}`);
  return [withKind && row.kind, row.namespace, ...own].filter(Boolean).join(" · ");
}

function StatusCell({ row, word }: { row: Resource; word: string }) {
  return (
    <span role="cell" className="min-w-0 truncate" title={row.status ?? undefined}>
      {row.stale ? (
        <span className="inline-flex max-w-full items-center gap-1.5 text-muted">
          <span className="truncate">{word}</span>
          <StaleMark of={row} />
        </span>
      ) : row.status ? (
        <span className="inline-flex max-w-full items-center gap-1.5">
          <Glyph tone={toneOfResource(row)} />
          <span className="truncate">{word}</span>
        </span>
      ) : (
        <span className="text-muted">–</span>
      )}
    </span>
  );
}

/** What the status of a workload does not say: pods that fail or wait. */
function podsText(pods: Resource["pods"]): string {
  if (pods?.failing) return `, ${pods.failing.toLocaleString()} failing`;
  return pods?.pending ? `, ${pods.pending.toLocaleString()} pending` : "";
}

function ownValue(own: KindColumn, row: Resource): ReactNode {
  const value = row.columns?.[own.name];
  if (value === undefined) return "–";
  if (own.type === "time") return <Time at={String(value)} short />;
  if (own.name === "node") return <ObjectLink cluster={row.cluster} of={{ kind: "Node", name: String(value) }} children={String(value)} />;
  return String(value);
}

function commonValue(id: string, row: Resource): ReactNode {
  if (id === "namespace") return row.namespace ?? "–";
  if (id === "cluster") return row.cluster;
  if (id === "age") return <Time at={row.createdAt} short />;
  if (!row.owner) return "–";
  return <ObjectLink cluster={row.cluster} of={ownerOf(row.owner, row.namespace)} children={`${row.owner.kind} ${row.owner.name}`} />;
}

function Head({ of, sort, onSort, children }: { of: Drawn; sort: string; onSort: (sort: string) => void; children: ReactNode }) {
  if (!of.sort)
    return (
      <span role="columnheader" className="min-w-0 truncate" title={of.own?.description}>
        {children}
      </span>
    );
  const isUp = sort === of.sort;
  const isDown = sort === `-${of.sort}`;
  return (
    <span role="columnheader" aria-sort={isUp ? "ascending" : isDown ? "descending" : "none"} className="flex min-w-0 items-center">
      <button
        type="button"
        className="flex h-6 items-center gap-1 rounded-sm whitespace-nowrap hover:text-text"
        onClick={() => onSort(isUp && !of.isOneWay ? `-${of.sort}` : of.sort!)}
      >
        {children}
        {isUp && <ArrowUp aria-hidden className="size-3" />}
        {isDown && <ArrowDown aria-hidden className="size-3" />}
      </button>
    </span>
  );
}
