// An object beside another one: the same one in another cluster, an earlier revision, or any of its kind. Only what differs is shown.

import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Columns2, Rows2 } from "lucide-react";
import { useDeferredValue, useRef, useState } from "react";
import { Problem, type Schemas, send } from "../../api/client";
import { Button, dateText, Empty, Failed, Loading, StaleMark, Time } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { type Change, Diff, shown } from "./diff";
import { historyQuery, type ResourcePage, type ResourceWithManifest } from "./queries";

type Comparison = Schemas["ComparisonShape"];
type Side = Schemas["ComparedSide"];
const BOX = "h-8 max-w-full rounded-sm border border-control bg-bg px-2 text-sm";
const MOST_OTHERS = 50;
const TWO_COLUMNS_FROM_PX = 520;

/** What `with` in the address means: a revision, a cluster, or the id of an object. */
export function query(id: string, other: string): Record<string, string | number> {
  if (other.startsWith("revision:")) return { left: id, leftRevision: Number(other.slice("revision:".length)) };
  return { left: id, right: other };
}

export function Compare({ resource }: { resource: ResourceWithManifest }) {
  const asked = useSearch({ strict: false }) as { with?: string };
  const go = useNavigate();
  const choose = (other: string) =>
    void go({ to: ".", search: (before: object) => ({ ...before, with: other || undefined }), replace: true } as never);
  const box = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow(box, TWO_COLUMNS_FROM_PX);
  return (
    <div ref={box} className="flex flex-col gap-3 p-4">
      <Other resource={resource} value={asked.with ?? ""} choose={choose} />
      {asked.with ? (
        <Result key={asked.with} id={resource.id} other={asked.with} isNarrow={isNarrow} />
      ) : (
        <Empty title="Choose what to compare with">
          An earlier revision, the same object in another cluster, or another object of this kind.
        </Empty>
      )}
    </div>
  );
}

function Other({ resource, value, choose }: { resource: ResourceWithManifest; value: string; choose: (other: string) => void }) {
  const kind = resource.group ? `${resource.kind}.${resource.group}` : resource.kind;
  const [typed, type] = useState("");
  const wanted = useDeferredValue(typed.trim());
  const history = useQuery(historyQuery(resource.id));
  const named = useQuery({
    queryKey: ["resourcesNamed", kind, resource.namespace, resource.name],
    queryFn: ({ signal }) =>
      send<ResourcePage>("GET", "/v1/resources", {
        query: { kind, namespace: resource.namespace ?? undefined, name: resource.name, pageSize: 100 },
        signal,
      }),
  });
  const others = useQuery({
    queryKey: ["resourcesLike", kind, wanted],
    queryFn: ({ signal }) =>
      send<ResourcePage>("GET", "/v1/resources", { query: { kind, q: wanted || undefined, pageSize: MOST_OTHERS }, signal }),
    placeholderData: (before) => before,
  });
  const twins = named.data?.resources.filter((one) => one.id !== resource.id) ?? [];
  const rest = others.data?.resources.filter((one) => one.id !== resource.id && !twins.some((twin) => twin.id === one.id)) ?? [];
  const known = [...twins, ...rest].some((one) => one.id === value) || value.startsWith("revision:") || !value;
  return (
    <div className="flex flex-wrap items-end gap-3">
      <label className="flex min-w-0 flex-col gap-1 text-xs text-muted">
        Compare with
        <select className={BOX} value={value} onChange={(event) => choose(event.target.value)}>
          <option value="">Choose…</option>
          {!known && <option value={value}>{value}</option>}
          {!!history.data?.history.length && (
            <optgroup label="Revisions">
              {history.data.history.slice(1).map((one) => (
                <option key={one.revision} value={`revision:${one.revision}`}>
                  Revision {one.revision}, {dateText(one.at, { dateStyle: "medium", timeStyle: "short" })}
                </option>
              ))}
              <option value="revision:0">Before the first recorded change</option>
            </optgroup>
          )}
          {twins.length > 0 && (
            <optgroup label="Other clusters">
              {twins.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.cluster}
                </option>
              ))}
            </optgroup>
          )}
          {rest.length > 0 && (
            <optgroup label={`Other objects of kind ${resource.kind}`}>
              {rest.map((one) => (
                <option key={one.id} value={one.id}>
                  {[one.cluster, one.namespace, one.name].filter(Boolean).join("/")}
                </option>
              ))}
            </optgroup>
          )}
        </select>
      </label>
      <label className="flex flex-col gap-1 text-xs text-muted">
        Find others by name
        <input type="search" className={`${BOX} w-44`} value={typed} maxLength={100} onChange={(event) => type(event.target.value)} />
      </label>
    </div>
  );
}

function Result({ id, other, isNarrow }: { id: string; other: string; isNarrow: boolean }) {
  const [isUnified, unify] = useState(false);
  const [withStatus, setStatus] = useState(false);
  const found = useQuery({
    queryKey: ["compare", id, other, withStatus],
    queryFn: ({ signal }) =>
      send<Comparison>("GET", "/v1/resources/compare", { query: { ...query(id, other), withStatus: withStatus || undefined }, signal }),
    placeholderData: (before) => before,
    retry: false,
  });
  if (found.isPending) return <Loading rows={6} />;
  if (found.isLoadingError || !found.data)
    return found.error instanceof Problem && found.error.status === 403 ? (
      <Empty title="Your role cannot view manifests">
        This requires the scope resources:manifest, which operators, admins and owners have.
      </Empty>
    ) : (
      <Failed error={found.error} what="Could not compare" retry={() => void found.refetch()} />
    );
  const { left, right, differences, ignored, truncated, incomplete } = found.data;
  const changes = differences as unknown as Change[];
  const isUnifiedNow = isUnified || isNarrow;
  return (
    <section aria-label="Comparison" className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-3">
        <p role="status" className="font-medium">
          {changes.length === 0
            ? "No difference"
            : changes.length === 1
              ? "1 difference"
              : `${changes.length}${truncated ? " or more" : ""} differences`}
        </p>
        <span className="flex-1" />
        {!other.startsWith("revision:") && (
          <label className="flex items-center gap-1.5">
            <input type="checkbox" checked={withStatus} onChange={(event) => setStatus(event.target.checked)} /> Compare status
          </label>
        )}
        {!isNarrow && (
          <Button
            small
            aria-pressed={isUnified}
            icon={isUnified ? <Columns2 aria-hidden /> : <Rows2 aria-hidden />}
            onClick={() => unify(!isUnified)}
          >
            {isUnified ? "Side by side" : "Unified"}
          </Button>
        )}
      </div>
      {isUnifiedNow ? (
        <>
          <ul className="text-xs">
            <li className="flex gap-2">
              <span aria-hidden>−</span> <SideName of={left} />
            </li>
            <li className="flex gap-2">
              <span aria-hidden>+</span> <SideName of={right} />
            </li>
          </ul>
          <Diff changes={changes} label="Differences" />
        </>
      ) : (
        <SideBySide left={left} right={right} changes={changes} />
      )}
      {incomplete && <p className="text-xs text-medium">The history of this revision is incomplete; some differences may be missing.</p>}
      {ignored.length > 0 && <p className="text-xs break-words text-muted">Not compared: {ignored.join(", ")}</p>}
    </section>
  );
}

function SideName({ of }: { of: Side }) {
  return (
    <span className="min-w-0 break-words">
      <span className="font-mono">{[of.cluster, of.namespace, of.name].filter(Boolean).join("/")}</span>
      {of.revision !== undefined && of.revision !== null && (
        <span className="text-muted">
          {" "}
          {of.revision === 0 ? "before the first recorded change" : `revision ${of.revision}`}
          {of.at && (
            <>
              , <Time at={of.at} />
            </>
          )}
        </span>
      )}{" "}
      <StaleMark of={of} />
    </span>
  );
}

function SideBySide({ left, right, changes }: { left: Side; right: Side; changes: readonly Change[] }) {
  return (
    <table className="w-full table-fixed border-collapse text-xs">
      <thead>
        <tr className="border-b border-line text-left align-top">
          <th scope="col" className="w-1/2 px-2 py-1 font-medium">
            <SideName of={left} />
          </th>
          <th scope="col" className="w-1/2 px-2 py-1 font-medium">
            <SideName of={right} />
          </th>
        </tr>
      </thead>
      {changes.map((one) => (
        <tbody key={one.path} className="border-b border-line">
          <tr>
            <th scope="rowgroup" colSpan={2} className="bg-surface px-2 py-1 text-left font-mono font-normal break-words text-muted">
              {one.path}
            </th>
          </tr>
          <tr className="align-top font-mono">
            <Value of={one.from} isThere={one.op !== "add"} className="bg-critical-tint text-critical" />
            <Value of={one.to} isThere={one.op !== "remove"} className="bg-ok-tint text-ok" />
          </tr>
        </tbody>
      ))}
    </table>
  );
}

function Value({ of, isThere, className }: { of: unknown; isThere: boolean; className: string }) {
  return (
    <td className={isThere ? className : "text-muted"}>
      <div className="max-h-60 overflow-auto px-2 py-1 break-words whitespace-pre-wrap">
        {isThere ? shown(of) || (of === null ? "null" : "“”") : <span className="font-sans italic">not set</span>}
      </div>
    </td>
  );
}
