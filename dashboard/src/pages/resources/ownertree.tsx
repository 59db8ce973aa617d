// The tree of owners and owned as WAI-ARIA describes one: one stop for Tab, arrows within, Enter opens.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { cx, Failed, Loading, Mark, Name, Section, StaleMark } from "../../parts";
import { statusWord, toneOfResource } from "./kinds";
import { treeQuery } from "./queries";
import { type Line, linesOf, treeOf } from "./tree";

export function OwnerTree({ id }: { id: string }) {
  const query = useQuery(treeQuery(id));
  const top = useMemo(() => query.data && treeOf(query.data), [query.data]);
  return (
    <Section title="Ownership">
      {query.isPending ? (
        <Loading rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load the ownership tree" retry={() => void query.refetch()} />
      ) : top && top.children.length === 0 && top.isSelf ? (
        <p className="text-muted">This object has no owner and owns no objects.</p>
      ) : (
        top && (
          <>
            <Lines top={top} id={id} />
            {query.data?.truncated && <p className="mt-2 text-xs text-muted">Only the first objects are shown.</p>}
          </>
        )
      )}
    </Section>
  );
}

function Lines({ top, id }: { top: ReturnType<typeof treeOf>; id: string }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [focus, setFocus] = useState(id);
  const box = useRef<HTMLUListElement>(null);
  const go = useNavigate();
  const lines = useMemo(() => linesOf(top, closed), [top, closed]);
  const stop = lines.some((line) => line.node.resource.id === focus) ? focus : id;
  const open = (resourceId: string) =>
    void go({ to: "/resources/$resourceId", params: { resourceId }, search: (before: object) => ({ ...before, tab: undefined }) } as never);
  const to = (next: string | null | undefined) => {
    if (!next) return;
    setFocus(next);
    box.current?.querySelector<HTMLElement>(`[data-id="${next}"]`)?.focus();
  };
  const fold = (one: string, isClosed: boolean) => {
    const next = new Set(closed);
    if (isClosed) next.add(one);
    else next.delete(one);
    setClosed(next);
  };
  const press = (event: KeyboardEvent, line: Line, index: number) => {
    const own = line.node.resource.id;
    const isClosed = closed.has(own);
    const acts: Record<string, () => void> = {
      ArrowDown: () => to(lines[index + 1]?.node.resource.id),
      ArrowUp: () => to(lines[index - 1]?.node.resource.id),
      Home: () => to(lines[0]?.node.resource.id),
      End: () => to(lines.at(-1)?.node.resource.id),
      ArrowRight: () => (line.node.children.length && isClosed ? fold(own, false) : to(line.node.children[0]?.resource.id)),
      ArrowLeft: () => (line.node.children.length && !isClosed ? fold(own, true) : to(line.parent)),
      Enter: () => open(own),
      " ": () => open(own),
    };
    const act = acts[event.key];
    if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <ul ref={box} role="tree" aria-label="Ownership tree" className="-mx-1">
      {lines.map((line, index) => {
        const { resource, children, hidden, isSelf } = line.node;
        const isClosed = closed.has(resource.id);
        return (
          <li
            key={resource.id}
            data-id={resource.id}
            role="treeitem"
            aria-level={line.level}
            aria-posinset={line.position}
            aria-setsize={line.siblings}
            aria-expanded={children.length ? !isClosed : undefined}
            aria-selected={isSelf}
            tabIndex={resource.id === stop ? 0 : -1}
            onFocus={() => setFocus(resource.id)}
            onKeyDown={(event) => press(event, line, index)}
            onClick={() => !isSelf && open(resource.id)}
            className={cx("flex min-h-7 items-center gap-1.5 rounded-sm pr-2", isSelf ? "bg-selected" : "cursor-pointer hover:bg-hover")}
            style={{ paddingLeft: 4 + (line.level - 1) * 18 }}
          >
            <span
              aria-hidden
              className="flex size-5 shrink-0 items-center justify-center text-muted"
              onClick={(event) => {
                event.stopPropagation();
                if (children.length) fold(resource.id, !isClosed);
              }}
            >
              {children.length > 0 && <ChevronRight className={cx("size-3.5 transition-transform", !isClosed && "rotate-90")} />}
            </span>
            <span className="shrink-0 text-xs text-muted">{resource.kind}</span>
            <Name className="min-w-0 flex-1 font-mono text-xs">{resource.name}</Name>
            {hidden.map(([kind, count]) => (
              <span key={kind} className="shrink-0 text-xs text-muted">
                {count.toLocaleString()} more {kind}
              </span>
            ))}
            {resource.status && (
              <span className="shrink-0 text-xs">
                {resource.stale ? (
                  <span className="text-muted">{statusWord(resource.status)}</span>
                ) : (
                  <Mark tone={toneOfResource(resource)}>{statusWord(resource.status)}</Mark>
                )}
              </span>
            )}
            <StaleMark of={resource} />
          </li>
        );
      })}
    </ul>
  );
}
