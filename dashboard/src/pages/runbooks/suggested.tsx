// Where a runbook is suggested: for which causes and issue types, and for which of the open issues now.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { may, meQuery } from "../../api/session";
import { Chip, Facts, Failed, Loading, plural, Section, Severity } from "../../parts";
import { type Runbook, type Suggestions, suggestionsQuery } from "./queries";

export function SuggestedFor({ runbook }: { runbook: Runbook }) {
  const { data: me } = useQuery(meQuery);
  const mayRead = may(me, "issues:read");
  const query = useQuery({ ...suggestionsQuery(runbook.slug), enabled: mayRead });
  if (!mayRead) return null;
  return (
    <Section title="Suggested for">
      {query.isPending ? (
        <Loading label="Loading suggestions" rows={2} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load the suggestions" retry={() => void query.refetch()} />
      ) : (
        <>
          <Facts
            of={[
              ["Causes", query.data.causes.length ? <Causes of={query.data.causes} /> : "none"],
              ["Issue types", query.data.issueTypes.length ? <Chips of={query.data.issueTypes} /> : "none"],
            ]}
          />
          <OpenIssues of={query.data} />
        </>
      )}
    </Section>
  );
}

function OpenIssues({ of }: { of: Suggestions }) {
  const rest = of.matching - of.issues.length;
  return (
    <>
      <p className="mt-3 mb-1 font-medium">
        {of.isWhole ? "" : "At least "}
        {of.matching ? plural(of.matching, "open issue") : "No open issue"} now
      </p>
      {of.issues.length > 0 && (
        <ul aria-label="Open issues" className="divide-y divide-line rounded-md border border-line">
          {of.issues.map((one) => (
            <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-0.5 px-3 py-1.5">
              <span className="min-w-48 flex-1">
                <Link
                  to="/issues/$issueId"
                  params={{ issueId: one.id }}
                  search={true as never}
                  className="rounded-sm font-medium break-words hover:underline"
                >
                  {one.title}
                </Link>
                <span className="block text-xs break-words text-muted">
                  {one.by === "analysis" ? "recommended by its analysis" : `issue type ${one.type}`}
                  {one.by === "analysis" && one.cause && (
                    <>
                      {" "}
                      · <span className="font-mono wrap-anywhere">{one.cause}</span>
                    </>
                  )}{" "}
                  · {one.namespace && `${one.namespace} in `}
                  {one.cluster}
                  {one.stale && " (may be out of date)"}
                </span>
              </span>
              <span className="text-xs">
                <Severity quiet value={one.severity} />
              </span>
            </li>
          ))}
          {rest > 0 && <li className="px-3 py-1.5 text-muted">and {rest} more</li>}
        </ul>
      )}
    </>
  );
}

function Causes({ of }: { of: string[] }) {
  return (
    <span className="flex flex-wrap gap-x-3 font-mono text-xs leading-5">
      {of.map((one) => (
        <span key={one} className="wrap-anywhere">
          {one}
        </span>
      ))}
    </span>
  );
}

export function Chips({ of }: { of: string[] }) {
  return (
    <span className="flex flex-wrap gap-1">
      {of.map((one) => (
        <Chip key={one}>{one}</Chip>
      ))}
    </span>
  );
}
