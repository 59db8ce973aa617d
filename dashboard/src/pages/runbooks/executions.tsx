// Every execution, newest first; the states in the address.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Empty, Failed, Loading, PageHeader, Select } from "../../parts";
import { ExecutionTable } from "./executiontable";
import { executionsQuery } from "./queries";

const CHOICES: [value: string, word: string][] = [
  ["", "All states"],
  ["pendingApproval", "Need approval"],
  ["queued,running,verifying", "At work"],
  ["succeeded", "Succeeded"],
  ["failed,timedOut,lost", "Failed"],
  ["canceled,rejected,expired", "Not run"],
];

export function ExecutionList() {
  const asked = useSearch({ strict: false }) as { status?: string; cluster?: string };
  const go = useNavigate();
  const set = (change: object) => void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  const query = useQuery(executionsQuery({ status: asked.status, cluster: asked.cluster }));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Executions">
        <Select aria-label="State" className="w-auto" value={asked.status ?? ""} onChange={(event) => set({ status: event.target.value || undefined })}>
          {CHOICES.map(([value, word]) => (
            <option key={value} value={value}>
              {word}
            </option>
          ))}
          {asked.status && !CHOICES.some(([value]) => value === asked.status) && <option value={asked.status}>{asked.status}</option>}
        </Select>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {query.isPending ? (
          <Loading label="Loading executions" />
        ) : query.isError ? (
          <Failed error={query.error} what="The executions could not be loaded" retry={() => void query.refetch()} />
        ) : query.data.executions.length ? (
          <>
            <ExecutionTable of={query.data.executions} label="Executions" />
            {query.data.total > query.data.executions.length && (
              <p className="px-4 py-2 text-muted">
                The newest {query.data.executions.length} of {query.data.total.toLocaleString()}; older ones are in the API under /v1/executions.
              </p>
            )}
          </>
        ) : asked.status || asked.cluster ? (
          <Empty title="No execution fits" action={<Button onClick={() => set({ status: undefined, cluster: undefined })}>Clear the filters</Button>} />
        ) : (
          <Empty
            title="Nothing has run yet"
            action={
              <Link to="/runbooks" className="inline-flex h-8 items-center rounded-sm border border-control/60 bg-raised px-3 font-medium">
                See the runbooks
              </Link>
            }
          >
            Executions appear here when somebody plans or runs a runbook.
          </Empty>
        )}
      </div>
    </div>
  );
}
