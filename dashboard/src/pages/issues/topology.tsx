// Objects related to an issue: a picture in layers from what calls to what is used, and below it in words what is broken and what leads where.
// Names come from a cluster: text only.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, CircleX, Unlink } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { type Issue, topologyQuery } from "../../api/queries";
import { cx, Failed, Loading, Section } from "../../parts";
import { useWidth } from "../../parts/narrow";
import { COLUMN_GAP, drawn, type Layout, NODE_HEIGHT, type Placed, placed, type Title } from "./topologylayout";

type Topology = Schemas["IssueTopology"];
type Node = Schemas["TopologyNode"];

const PICTURE_PX = 480; // below it the layers stand under each other
const TITLES: Record<Title, string> = {
  cause: "Cause",
  caller: "Callers",
  service: "Services",
  workload: "Workloads",
  pod: "Pods",
  dependency: "Runs on, uses",
};

export function TopologySection({ issue }: { issue: Issue }) {
  const found = useQuery({ ...topologyQuery(issue.id, issue.version, issue.analysisId ?? ""), placeholderData: keepPreviousData });
  const shown = found.data;
  if (shown && shown.nodes.length < 2 && !shown.notPermitted) return null; // one object says nothing that is not said above
  return (
    <Section id="topology" title="Topology">
      {shown ? (
        <Shown of={shown} />
      ) : found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the topology" retry={() => void found.refetch()} />
      ) : (
        <Loading rows={3} />
      )}
    </Section>
  );
}

const called = (node: Pick<Node, "kind" | "namespace" | "name">) =>
  `${node.kind} ${node.namespace ? `${node.namespace}/` : ""}${node.name}`;

function Shown({ of }: { of: Topology }) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, Math.floor);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const layout = useMemo(() => placed(of, open), [of, open]);
  const words = (id: string) => {
    const cell = layout.places.get(id)!;
    return cell.fold ? foldText(cell.fold) : called(cell.node!);
  };
  const sentence = (edge: Layout["edges"][number]) =>
    `${layout.places.get(edge.source)?.fold ? "Each of " : ""}${words(edge.source)} ${edge.relation} ${words(edge.target)}`;
  const broken = layout.edges.filter((one) => one.broken);
  const others = layout.edges.filter((one) => !one.broken);
  const unfold = (id: string) => setOpen((before) => new Set([...before, id]));
  const shown = { layout, unfold };
  return (
    <div ref={box} className="flex flex-col gap-3">
      {width >= PICTURE_PX ? <Picture {...shown} width={width} /> : width > 0 && <Stacked {...shown} />}
      {broken.length > 0 && (
        <ul aria-label="Broken connections" className="flex flex-col gap-1">
          {broken.map((edge) => (
            <li key={`${edge.source} ${edge.target}`} className="flex items-start gap-2">
              <Unlink aria-hidden className="mt-0.5 size-4 shrink-0 text-critical-solid" />
              <span className="min-w-0 break-words">
                {sentence(edge)}: <span className="text-critical">{edge.problem}</span>
              </span>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <details className="text-xs text-muted">
          <summary className="min-h-6 cursor-pointer font-medium text-accent">
            {counted(others.length, broken.length ? "other connection" : "connection")}
          </summary>
          <ul aria-label="Other connections" className="mt-1 flex flex-col gap-0.5">
            {others.map((edge) => (
              <li key={`${edge.source} ${edge.target}`} className="break-words">
                {sentence(edge)}
              </li>
            ))}
          </ul>
        </details>
      )}
      {of.notPermitted > 0 && (
        <p className="text-xs text-muted">
          {of.notPermitted === 1 ? "1 object is" : `${of.notPermitted} objects are`} not shown because your role cannot read resources.
        </p>
      )}
    </div>
  );
}

const counted = (many: number, one: string) => `${many} ${one}${many === 1 ? "" : "s"}`;

const foldText = (fold: Node[]) => counted(fold.length, fold[0]!.kind.toLowerCase());

interface Shown {
  layout: Layout;
  unfold: (id: string) => void;
}

const ARROWS: Record<string, [column: number, row: number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** The card that an arrow key leads to: the next one of the column, or the nearest of the next column. */
function neighbor({ columns, places }: Layout, from: string, [across, down]: [number, number]): string | undefined {
  const cell = places.get(from);
  if (!cell) return undefined;
  const cards = (column: number) => columns[column]?.cells.filter((one) => one.node) ?? [];
  const own = cards(cell.column);
  if (down) return own[own.indexOf(cell) + down]?.key;
  const next = cards(cell.column + across);
  return next.sort((a, b) => Math.abs(a.y - cell.y) - Math.abs(b.y - cell.y))[0]?.key;
}

function Picture({ layout, unfold, width }: Shown & { width: number }) {
  const [active, activate] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const { columns, height, places, edges } = layout;
  const cards = columns.flatMap((one) => one.cells).filter((one) => one.node);
  const first = cards.find((one) => one.node?.isCause) ?? cards.find((one) => one.node?.isSubject) ?? cards[0];
  const [reached, reach] = useState<string | null>(null);
  const tabStop = reached && places.has(reached) ? reached : first?.key;
  const column = (width - COLUMN_GAP * (columns.length - 1)) / columns.length;
  const onKeyDown = (event: KeyboardEvent) => {
    const way = ARROWS[event.key];
    const next = way && tabStop && neighbor(layout, tabStop, way);
    if (!way) return;
    event.preventDefault();
    if (next) box.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(next)}"]`)?.focus();
  };
  const follow = (id: string | null) => {
    activate(id);
    if (id && document.activeElement instanceof HTMLElement && document.activeElement.dataset.card === id) reach(id);
  };
  return (
    <div
      ref={box}
      role="group"
      aria-label="Objects related to the issue; arrow keys move between them"
      className="relative"
      style={{ height: height + 34 }}
      onKeyDown={onKeyDown}
    >
      <svg aria-hidden width={width} height={height} className="absolute top-6 left-0 overflow-visible">
        <defs>
          {["control", "critical-solid", "accent"].map((tone) => (
            <marker
              key={tone}
              id={`arrow-${tone}`}
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="8"
              markerHeight="8"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M0 0 8 4 0 8z" style={{ fill: `var(--${tone})` }} />
            </marker>
          ))}
        </defs>
        {edges.map((edge) => {
          const line = drawn(layout, edge, column);
          if (!line) return null;
          const isActive = active === edge.source || active === edge.target;
          const tone = edge.broken ? "critical-solid" : isActive ? "accent" : "control";
          return (
            <g key={`${edge.source} ${edge.target}`}>
              <path
                d={line.path}
                fill="none"
                style={{ stroke: `var(--${tone})` }}
                strokeWidth={edge.broken || isActive ? 2 : 1}
                strokeDasharray={edge.broken ? "5 4" : undefined}
                markerEnd={`url(#arrow-${tone})`}
              />
              {edge.broken && <Cross x={line.middle[0]} y={line.middle[1]} />}
            </g>
          );
        })}
      </svg>
      {columns.map(({ title, cells }, index) => (
        <div key={title} className="absolute top-0" style={{ left: index * (column + COLUMN_GAP), width: column }}>
          <h3 className="truncate text-xs text-muted">{TITLES[title]}</h3>
          <ul>
            {cells.map((cell) => (
              <li key={cell.key} className="absolute w-full" style={{ top: 24 + cell.y, height: NODE_HEIGHT }}>
                <Cell of={cell} onActive={follow} unfold={unfold} tabIndex={cell.key === tabStop ? 0 : -1} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function Cross({ x, y }: { x: number; y: number }) {
  return (
    <g style={{ stroke: "var(--critical-solid)", fill: "var(--bg)" }} strokeWidth={1.5}>
      <circle cx={x} cy={y} r={7} />
      <path d={`M${x - 3} ${y - 3} l6 6 m0 -6 l-6 6`} />
    </g>
  );
}

/** For a phone: the layers under each other. */
function Stacked({ layout, unfold }: Shown) {
  return (
    <div role="group" aria-label="Objects related to the issue" className="flex flex-col gap-2">
      {layout.columns.map(({ title, cells }) => (
        <div key={title}>
          <h3 className="mb-1 text-xs text-muted">{TITLES[title]}</h3>
          <ul className="flex flex-col gap-1.5">
            {cells.map((cell) => (
              <li key={cell.key} style={{ height: NODE_HEIGHT }}>
                <Cell of={cell} onActive={() => {}} unfold={unfold} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

const PLAIN: Record<string, string> = { ok: "", unknown: "not checked", failing: "failing", missing: "missing" };

interface CellProps {
  of: Placed;
  onActive: (id: string | null) => void;
  unfold: (id: string) => void;
  tabIndex?: number;
}

function Cell({ of, onActive, unfold, tabIndex }: CellProps) {
  const { node, fold } = of;
  if (!node)
    return (
      <p className="flex h-full items-center justify-center rounded-md border border-dashed border-line text-center text-xs text-muted">
        {of.more}
      </p>
    );
  const state = node.status ?? PLAIN[node.state] ?? "";
  const isBad = node.state === "failing" || node.state === "missing";
  const isSubject = (fold ?? [node]).some((one) => one.isSubject);
  const mark = node.isCause ? "Cause" : isSubject ? "Issue" : null;
  const body = (
    <>
      <span className="flex w-full items-center gap-1 text-[11px] leading-4 text-muted">
        {isBad && <CircleX aria-hidden className="size-3 shrink-0 text-critical-solid" />}
        {node.state === "unknown" && <CircleHelp aria-hidden className="size-3 shrink-0" />}
        <span className="truncate">{node.kind}</span>{" "}
        {mark && <span className="ml-auto shrink-0 rounded-sm bg-selected px-1 font-medium text-text">{mark}</span>}
      </span>
      <span className="w-full truncate font-mono text-xs leading-4 text-text">{fold ? foldText(fold) : node.name}</span>{" "}
      <span className={cx("w-full truncate text-[11px] leading-4", isBad ? "text-critical" : "text-muted")}>
        {isBad && node.status && <span className="sr-only">{node.state}: </span>}
        <span>{state}</span>
      </span>
    </>
  );
  const common = {
    "data-card": of.key,
    title: fold ? fold.map((one) => one.name).join(", ") : called(node),
    className: cx(
      "flex h-full w-full flex-col items-start justify-center overflow-hidden rounded-md border bg-raised px-1.5 text-left",
      node.state === "failing" && "border-critical-solid",
      node.state === "missing" && "border-dashed border-critical-solid",
      node.state === "unknown" && "border-dashed border-control",
      node.state === "ok" && "border-line",
      isSubject && "border-2",
      (fold || node.resourceId) && "hover:bg-hover",
    ),
    tabIndex,
    onMouseEnter: () => onActive(of.key),
    onMouseLeave: () => onActive(null),
    onFocus: () => onActive(of.key),
    onBlur: () => onActive(null),
  };
  if (fold)
    return (
      <button type="button" aria-expanded={false} onClick={() => unfold(of.key)} {...common}>
        {body}
      </button>
    );
  if (!node.resourceId) return <div {...common}>{body}</div>;
  return (
    <Link to="/resources/$resourceId" params={{ resourceId: node.resourceId }} preload={false} {...common}>
      {body}
    </Link>
  );
}
