// The first page: what needs attention, how every cluster is, what goes on, and how issues went over time. One request, kept current by
// the stream; the trends are a second one.
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { FileText } from "lucide-react";
import { useCallback, useState } from "react";
import { Button, Failed, Loading, PageHeader, Time } from "../../parts";
import { Coverage } from "../coverage";
import { Handover } from "../documents";
import { useScope } from "../frame";
import { FirstRun } from "./firstrun";
import { Fleet, isSmall } from "./fleet";
import { Changes, Executions } from "./lately";
import { Numbers } from "./numbers";
import { type Overview as Found, overviewQuery, type Range } from "./queries";
import { IssuesOverTime, Ranking, rangeOf } from "./trends";
import { Urgent } from "./urgent";

const route = getRouteApi("/framed/");

export function Overview() {
  const scope = useScope();
  const found = useQuery(overviewQuery(scope));
  const [isHandingOver, handOver] = useState(false);
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto bg-surface">
      <div className="bg-bg">
        <PageHeader title="Overview">
          {found.data && (
            <span className="text-xs text-muted">
              {scope ? `${scope} · ` : ""}updated <Time at={found.data.at} />
            </span>
          )}
          <Button icon={<FileText aria-hidden />} onClick={() => handOver(true)}>
            Handover
          </Button>
        </PageHeader>
        {isHandingOver && <Handover onClose={() => handOver(false)} />}
      </div>
      {found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the overview" retry={() => void found.refetch()} />
      ) : !found.data ? (
        <Waiting />
      ) : found.data.fleet?.total === 0 && !scope ? (
        <FirstRun />
      ) : (
        <Parts of={found.data} scope={scope} />
      )}
    </div>
  );
}

/** The boxes of the page before there is anything in them. */
function Waiting() {
  return (
    <div className="mx-auto flex w-full max-w-[1600px] flex-col gap-3 p-4 pt-3">
      <div className="h-16 overflow-hidden rounded-md border border-line bg-bg">
        <Loading rows={2} label="" />
      </div>
      <div className="h-[36rem] overflow-hidden rounded-md border border-line bg-bg">
        <Loading rows={12} />
      </div>
    </div>
  );
}

function Parts({ of, scope }: { of: Found; scope: string | undefined }) {
  const range = rangeOf(route.useSearch().range);
  const go = useNavigate();
  const onRange = useCallback(
    (range: Range) =>
      void go({ to: ".", search: (before: object) => ({ ...before, range: range === "24h" ? undefined : range }), replace: true } as never),
    [go],
  );
  return (
    <div className="mx-auto flex w-full max-w-[1600px] flex-col gap-3 p-4 pt-3">
      <Numbers of={of} scope={scope} />
      <Coverage of={of.coverage} scope={{ cluster: scope }} className="px-1" />
      <Urgent of={of} scope={scope} />
      <div className="grid gap-4 xl:grid-cols-3">
        <div className="flex min-w-0 flex-col gap-4 xl:order-last">
          {isSmall(of) && <Fleet of={of} />}
          <Executions of={of} scope={scope} />
          <Changes of={of} />
        </div>
        <IssuesOverTime of={of} range={range} scope={scope} onRange={onRange} />
      </div>
      {!isSmall(of) && <Fleet of={of} />}
      <Ranking range={range} scope={scope} />
    </div>
  );
}
