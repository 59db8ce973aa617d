// The text in place of an empty issue list: it tells whether filters, a missing cluster or a healthy one is the reason.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { clustersQuery } from "../../api/queries";
import { Button, Empty } from "../../parts";
import { Coverage, coverageQuery } from "../coverage";
import { type IssueSearch, narrowed } from "./filter";
import { type ChangeFilter as Change, cleared } from "./filterbar";

export function Nothing({ search, change, fresh, reload }: { search: IssueSearch; change: Change; fresh: number; reload: () => void }) {
  const { data: clusters } = useQuery(clustersQuery({}));
  const scope = { cluster: search.cluster, namespace: search.namespace };
  const { data: record } = useQuery(coverageQuery(scope));
  const go = useNavigate();
  const lookedAt = record && <Coverage of={record} scope={scope} className="mt-3" />;
  if (fresh > 0)
    return (
      <Empty title={`${fresh} new`} action={<Button onClick={reload}>Show</Button>}>
        New issues are held back so that the list does not move while you read it.
      </Empty>
    );
  if (narrowed(search) || search.cluster)
    return (
      <Empty
        title="No matching issues"
        action={<Button onClick={() => change({ ...cleared(search), cluster: undefined })}>Clear filters</Button>}
      >
        The query in the search box and the filters beside it apply together. Press / to change them.
        {lookedAt}
      </Empty>
    );
  if (clusters?.total === 0)
    return (
      <Empty
        title="No clusters yet"
        action={
          <Button kind="primary" onClick={() => void go({ to: "/clusters/new" })}>
            Connect a cluster
          </Button>
        }
      >
        Issues appear here as soon as a cluster reports to this server.
      </Empty>
    );
  if (search.assignee === "me")
    return <Empty title="No issues assigned to you">To take an issue, select its row and choose Assign, Me.</Empty>;
  if (search.snoozed === "true")
    return (
      <Empty title="No snoozed issues">
        Select an issue and press s: it sends no notifications until a time, a number of occurrences or a higher severity.
      </Empty>
    );
  if (search.muted === "true")
    return (
      <Empty
        title="No muted issues"
        action={<Button onClick={() => void go({ to: "/settings/$tab", params: { tab: "mute-rules" } })}>Mute rules</Button>}
      >
        Issues that match a mute rule appear here. They send no notifications.
      </Empty>
    );
  if (search.status === "resolved")
    return <Empty title="No resolved issues">An issue resolves by itself once its failure is gone for long enough.</Empty>;
  if (search.status === "all") return <Empty title="No issues yet">Issues appear here when a detector finds a failure.</Empty>;
  return (
    <Empty
      title={record && !record.complete ? "No open issues in what could be read" : "No open issues"}
      action={<Button onClick={() => change({ status: "resolved" })}>View resolved issues</Button>}
    >
      {record && !record.complete
        ? "Not everything was looked at, so something may be failing."
        : "Nothing is failing in the connected clusters. A new failure appears here with its cause, without a reload."}
      {lookedAt}
    </Empty>
  );
}
