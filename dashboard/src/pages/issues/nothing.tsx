// The text in place of an empty issue list: it tells whether filters, a missing cluster or a healthy one is the reason.

import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { clustersQuery } from "../../api/queries";
import { Button, Empty } from "../../parts";
import { type IssueSearch, narrowed } from "./filter";
import { type ChangeFilter as Change, cleared } from "./filterbar";

export function Nothing({ search, change, fresh, reload }: { search: IssueSearch; change: Change; fresh: number; reload: () => void }) {
  const { data: clusters } = useQuery(clustersQuery({}));
  const go = useNavigate();
  if (fresh > 0)
    return (
      <Empty title={`${fresh} new`} action={<Button onClick={reload}>Show</Button>}>
        New issues wait, so that the list does not move while you read it.
      </Empty>
    );
  if (narrowed(search) || search.cluster)
    return (
      <Empty
        title="No matching issues"
        action={<Button onClick={() => change({ ...cleared(search), cluster: undefined })}>Clear filters</Button>}
      >
        Issues may be hidden by the filters.
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
  if (search.assignee === "me") return <Empty title="No issues assigned to you">Issues assigned to you appear here.</Empty>;
  if (search.snoozed === "true")
    return (
      <Empty title="No snoozed issues">
        A snoozed issue stays here until its time is reached, it occurs again or it becomes more severe.
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
  if (search.status === "resolved" || search.status === "all")
    return <Empty title="No issues yet">Issues appear here when a detector finds a failure.</Empty>;
  return (
    <Empty title="No open issues" action={<Button onClick={() => change({ status: "resolved" })}>View resolved issues</Button>}>
      All connected clusters look healthy.
    </Empty>
  );
}
