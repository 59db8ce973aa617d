// The objects around an issue: a picture in layers from what calls to what is used, and below it in words what is broken and what leads where.
// Names come from a cluster: text only.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleHelp, CircleX, Unlink } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Schemas } from "../../api/client";
import { type Issue, topologyQuery } from "../../api/queries";
import { cx, Failed, Loading, Section } from "../../parts";
import { useWidth } from "../../parts/narrow";
import { COLUMN_GAP, drawn, LAYERS, type Layer, NODE_HEIGHT, type Placed, pathOf, placed } from "./topologylayout";

type Topology = Schemas["IssueTopology"];
type Node = Schemas["TopologyNode"];

const PICTURE_PX = 480; // below it the layers stand under each other
const TITLES: Record<Layer, string> = {
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
  const nodes = useMemo(() => new Map(of.nodes.map((one) => [one.id, one])), [of]);
  const broken = of.edges.filter((one) => one.broken);
  const sentence = (edge: Topology["edges"][number]) =>
    `${called(nodes.get(edge.source)!)} ${edge.relation} ${called(nodes.get(edge.target)!)}`;
  return (
    <div ref={box} className="flex flex-col gap-3">
      {width >= PICTURE_PX ? <Picture of={of} width={width} /> : width > 0 && <Stacked of={of} />}
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
      {of.edges.length > broken.length && (
        <details className="text-xs text-muted">
          <summary className="min-h-6 cursor-pointer font-medium text-accent">All {of.edges.length} connections</summary>
          <ul aria-label="All connections" className="mt-1 flex flex-col gap-0.5">
            {of.edges.map((edge) => (
              <li key={`${edge.source} ${edge.target}`} className="break-words">
                {sentence(edge)}
                {edge.broken && " (broken)"}
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

function Picture({ of, width }: { of: Topology; width: number }) {
  const [active, activate] = useState<string | null>(null);
  const { columns, height, places } = useMemo(() => placed(of), [of]);
  const column = (width - COLUMN_GAP * (columns.length - 1)) / columns.length;
  return (
    <div role="group" aria-label="Objects around the issue" className="relative" style={{ height: height + 24 }}>
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
        {of.edges.map((edge) => {
          const ends = drawn(places.get(edge.source), places.get(edge.target), column);
          if (!ends) return null;
          const isActive = active === edge.source || active === edge.target;
          const tone = edge.broken ? "critical-solid" : isActive ? "accent" : "control";
          return (
            <g key={`${edge.source} ${edge.target}`}>
              <path
                d={pathOf(ends)}
                fill="none"
                style={{ stroke: `var(--${tone})` }}
                strokeWidth={edge.broken || isActive ? 2 : 1}
                strokeDasharray={edge.broken ? "5 4" : undefined}
                markerEnd={`url(#arrow-${tone})`}
              />
              {edge.broken && <Cross x={(ends.fromX + ends.toX) / 2} y={(ends.fromY + ends.toY) / 2} />}
            </g>
          );
        })}
      </svg>
      {columns.map(({ layer, cells }, index) => (
        <div key={layer} className="absolute top-0" style={{ left: index * (column + COLUMN_GAP), width: column }}>
          <h3 className="truncate text-xs text-muted">{TITLES[layer]}</h3>
          <ul>
            {cells.map((cell) => (
              <li key={cell.key} className="absolute w-full" style={{ top: 24 + cell.y, height: NODE_HEIGHT }}>
                <Cell of={cell} onActive={activate} />
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
function Stacked({ of }: { of: Topology }) {
  const { columns } = useMemo(() => placed(of), [of]);
  return (
    <div role="group" aria-label="Objects around the issue" className="flex flex-col gap-2">
      {LAYERS.flatMap((layer) => columns.filter((one) => one.layer === layer)).map(({ layer, cells }) => (
        <div key={layer}>
          <h3 className="mb-1 text-xs text-muted">{TITLES[layer]}</h3>
          <ul className="flex flex-col gap-1.5">
            {cells.map((cell) => (
              <li key={cell.key} style={{ height: NODE_HEIGHT }}>
                <Cell of={cell} onActive={() => {}} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

const PLAIN: Record<string, string> = { ok: "", unknown: "not checked", failing: "failing", missing: "missing" };

function Cell({ of, onActive }: { of: Placed; onActive: (id: string | null) => void }) {
  const { node } = of;
  if (!node)
    return (
      <p className="flex h-full items-center justify-center rounded-md border border-dashed border-line text-center text-xs text-muted">
        {of.more}
      </p>
    );
  const state = node.status ?? PLAIN[node.state] ?? "";
  const isBad = node.state === "failing" || node.state === "missing";
  const mark = node.isCause ? "Cause" : node.isSubject ? "Issue" : null;
  const words = [called(node), isBad && node.status ? `${node.state}: ${node.status}` : state, mark].filter(Boolean).join(", ");
  const body = (
    <>
      <span className="flex w-full items-center gap-1 text-[11px] leading-4 text-muted">
        {isBad && <CircleX aria-hidden className="size-3 shrink-0 text-critical-solid" />}
        {node.state === "unknown" && <CircleHelp aria-hidden className="size-3 shrink-0" />}
        <span className="truncate">{node.kind}</span>{" "}
        {mark && <span className="ml-auto shrink-0 rounded-sm bg-selected px-1 font-medium text-text">{mark}</span>}
      </span>
      <span className="w-full truncate font-mono text-xs leading-4 text-text">{node.name}</span>{" "}
      <span className={cx("w-full truncate text-[11px] leading-4", isBad ? "text-critical" : "text-muted")}>
        {isBad && node.status && <span className="sr-only">{node.state}: </span>}
        <span>{state}</span>
      </span>
    </>
  );
  const className = cx(
    "flex h-full w-full flex-col items-start justify-center overflow-hidden rounded-md border bg-raised px-1.5",
    node.state === "failing" && "border-critical-solid",
    node.state === "missing" && "border-dashed border-critical-solid",
    node.state === "unknown" && "border-dashed border-control",
    node.state === "ok" && "border-line",
    node.isSubject && "border-2",
  );
  const follow = {
    onMouseEnter: () => onActive(node.id),
    onMouseLeave: () => onActive(null),
    onFocus: () => onActive(node.id),
    onBlur: () => onActive(null),
  };
  if (!node.resourceId)
    return (
      <div role="img" aria-label={words} title={words} className={className} {...follow}>
        {body}
      </div>
    );
  return (
    <Link
      to="/resources/$resourceId"
      params={{ resourceId: node.resourceId }}
      title={words}
      preload={false}
      className={cx(className, "hover:bg-hover")}
      {...follow}
    >
      {body}
    </Link>
  );
}
