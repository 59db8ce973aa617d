// Every execution, newest first; the states in the address.
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, ChoiceSelect, counted, Empty, Failed, Loading, PageHeader } from "../../parts";
import { useTitle } from "../title";
import { StopButton } from "../triggers/stop";
import { ExecutionTable } from "./executiontable";
import { executionsQuery } from "./queries";

const CHOICES: [value: string, word: string][] = [
  ["pendingApproval", "Needs approval"],
  ["queued,running,verifying", "Running"],
  ["succeeded", "Succeeded"],
  ["failed,timedOut,lost", "Failed"],
  ["canceled,rejected,expired", "Not executed"],
];

export function ExecutionList() {
  useTitle("Executions");
  const search = useSearch({ strict: false }) as { status?: string; cluster?: string };
  const go = useNavigate();
  const set = (change: object) => void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  const query = useQuery(executionsQuery({ status: search.status, cluster: search.cluster }));
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Executions">
        <StopButton />
        <ChoiceSelect
          aria-label="State"
          className="w-auto max-sm:w-32"
          none="All states"
          of={CHOICES}
          value={search.status}
          onChange={(status) => set({ status })}
        />
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {query.isPending ? (
          <Loading label="Loading executions" />
        ) : query.isLoadingError ? (
          <Failed error={query.error} what="Could not load executions" retry={() => void query.refetch()} />
        ) : query.data.executions.length ? (
          <>
            <ExecutionTable of={query.data.executions} label="Executions" />
            {query.data.total > query.data.executions.length && (
              <p className="px-4 py-2 text-muted">
                Showing the newest {query.data.executions.length} of {counted(query.data.total)}. Use /v1/executions in the API for older
                ones.
              </p>
            )}
          </>
        ) : search.status || search.cluster ? (
          <Empty
            title="No matching executions"
            action={<Button onClick={() => set({ status: undefined, cluster: undefined })}>Clear filters</Button>}
          >
            The filters hide executions in other states or clusters.
          </Empty>
        ) : (
          <Empty
            title="No executions yet"
            action={
              <Link to="/runbooks" className="inline-flex h-8 items-center rounded-sm border border-control/60 bg-raised px-3 font-medium">
                View runbooks
              </Link>
            }
          >
            Executions appear here when a member or a trigger starts a runbook.
          </Empty>
        )}
      </div>
    </div>
  );
}
