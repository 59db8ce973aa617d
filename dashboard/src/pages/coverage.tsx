// What an answer covers: a quiet line that opens to what was looked at, and what was not and why. Never "nothing is wrong" on less.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { type Schemas, send } from "../api/client";
import { cx, Failed, Loading, plural, Time } from "../parts";

export type Record = Schemas["CoverageShape"];
interface Scope {
  cluster?: string | undefined;
  namespace?: string | undefined;
}
const NO_EVENT_MS = 30_000; // what an agent may read changes without an event

export const coverageQuery = ({ cluster, namespace }: Scope) =>
  queryOptions({
    queryKey: ["coverage", cluster, namespace],
    queryFn: ({ signal }) => send<Record>("GET", "/v1/coverage", { query: { cluster, namespace }, signal }),
    refetchInterval: NO_EVENT_MS,
  });

/**
 * In place of a list or number of issues where there are none: says so only if everything that is needed was read. `unread`: what was not.
 */
export function NoneFound({ unread, children = "No open issues" }: { unread: readonly string[] | null | undefined; children?: string }) {
  if (!unread?.length) return children;
  return (
    <span title={unread.map((one) => `${one}.`).join("\n")}>
      <EyeOff aria-hidden className="mr-1 inline size-3.5" />
      {children} in what could be read
    </span>
  );
}

/** What a record that is not complete says was not read; nothing for a complete one. */
export const unreadOf = (of: Record): string[] => (of.complete ? [] : [of.summary.replace(/\.$/, "")]);

export function Coverage({ of, scope, className }: { of: Record; scope: Scope; className?: string }) {
  const [isOpen, setOpen] = useState(false);
  const Icon = of.complete ? Eye : EyeOff;
  return (
    <details
      className={cx("min-w-0 text-left text-xs text-muted", className)}
      onToggle={(event) => event.target === event.currentTarget && setOpen(event.currentTarget.open)}
    >
      <summary className={cx("cursor-pointer rounded-sm break-words", !of.complete && "text-medium")}>
        <Icon aria-hidden className="mr-1.5 inline size-3.5" />
        {of.summary}
      </summary>
      {isOpen && <Details scope={scope} />}
    </details>
  );
}

function Details({ scope }: { scope: Scope }) {
  const found = useQuery(coverageQuery(scope));
  if (found.isLoadingError)
    return <Failed error={found.error} what="Could not load what was looked at" retry={() => void found.refetch()} />;
  if (!found.data) return <Loading rows={2} />;
  const { rules, clusters, unread } = found.data;
  return (
    <div className="mt-2 grid max-h-80 gap-2 overflow-y-auto rounded-md border border-line bg-bg p-3">
      <p>
        {rules.on} of {plural(rules.types, "issue type")} {rules.risk ? "with" : "without"} risk checks, of Optral {rules.version}.
      </p>
      <ul aria-label="Not looked at" className="grid gap-1">
        {unread?.map((one) => (
          <li key={one.message} className="break-words">
            <span className={cx(one.needed && "font-medium text-medium")}>{one.message}.</span> {one.fix}
          </li>
        ))}
      </ul>
      <ul aria-label="Clusters" className="grid gap-1 border-t border-line pt-2">
        {clusters?.map((one) => (
          <li key={one.name} className="break-words">
            <span className="text-fg">{one.name}</span>: {one.lookedAt ? plural(one.kinds, "kind") : "not looked at"}
            {one.namespaces && `, only ${one.namespaces.join(", ")}`}
            {one.seenAt && (
              <>
                , last report <Time at={one.seenAt} />
              </>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
