// How often the issue opened lately, and similar issues with what ended them. Absent where there is nothing from before.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { similarQuery } from "../../api/queries";
import type { components } from "../../api/schema";
import { Failed, Section, Severity, Status, Time } from "../../parts";
import { usePeople } from "../people";
import type { IssueSearch } from "./filter";

type Similar = components["schemas"]["SimilarShape"];

const RELATION: Record<Similar["relation"], string> = {
  sameWorkload: "Same workload",
  sameName: "Same workload name",
  sameImage: "Same image",
  sameChart: "Same chart",
  sameCause: "Same cause",
};

export function SimilarSection({ issueId, search }: { issueId: string; search: IssueSearch }) {
  const found = useQuery(similarQuery(issueId));
  if (found.isLoadingError)
    return (
      <Section id="similar" title="Earlier and similar issues">
        <Failed error={found.error} what="Could not load similar issues" retry={() => void found.refetch()} />
      </Section>
    );
  const { similar = [], openings = [], summary } = found.data ?? {};
  if (!similar.length && openings.length < 2) return null;
  return (
    <Section id="similar" title="Earlier and similar issues">
      {openings.length > 1 && <p className="mb-2">{summary}</p>}
      {similar.length > 0 && (
        <ul className="divide-y divide-line rounded-md border border-line">
          {similar.map((one) => (
            <Row key={one.id} one={one} search={search} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function Row({ one, search }: { one: Similar; search: IssueSearch }) {
  const people = usePeople();
  const ended = one.endedBy;
  const by = ended?.by ? people.name(ended.by) : undefined;
  return (
    <li className="px-3 py-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
        <Severity value={one.severity} />
        <Link
          to="/issues/$issueId"
          params={{ issueId: one.id }}
          search={search as never}
          className="min-w-0 font-medium break-words hover:underline"
        >
          {one.title}
        </Link>
        <Status value={one.status} />
        <Time at={one.detectedAt} />
      </div>
      <p className="text-muted break-words">
        {RELATION[one.relation]} · {one.cluster}
        {one.namespace ? ` / ${one.namespace}` : ""} / {one.owner.kind} {one.owner.name}
      </p>
      {ended && (
        <p className="break-words">
          {ended.text}
          {by ? ` (${by})` : ""}
          {ended.executionId && (
            <>
              {" · "}
              <Link
                to="/executions/$executionId"
                params={{ executionId: ended.executionId }}
                className="font-medium text-accent hover:underline"
              >
                Show the execution
              </Link>
            </>
          )}
        </p>
      )}
    </li>
  );
}
