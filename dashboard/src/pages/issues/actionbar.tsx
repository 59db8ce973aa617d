// What can be done with one issue, in one row: the usual actions as buttons, the others in a menu.
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Check, CheckCheck, ChevronDown, Ellipsis, Play, RotateCcw } from "lucide-react";
import { useRef, useState } from "react";
import type { Issue } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Button, IconButton, Menu, MenuItem, MenuLine, MenuSub } from "../../parts";
import { useNarrow } from "../../parts/narrow";
import { PostMortem } from "../documents";
import { runbookLink } from "../runbooks/cureaddress";
import { useIssueActions } from "./actions";
import { TicketDialog } from "./tickets";
import { AssignItems, LabelDialog, type Make, MuteDialog, SeverityItems, SnoozeDialog, SnoozeItems, SnoozeMenu } from "./triage";

const ROOM_PX = 500; // what the buttons take beside the menu; without that room only the first two are buttons

export function ActionBar({ issue, make }: { issue: Issue; make: Make }) {
  const bar = useRef<HTMLDivElement>(null);
  const isNarrow = useNarrow(bar, ROOM_PX);
  const [opened, open] = useState<"snooze" | "mute" | "labels" | "ticket" | "document" | null>(null);
  const { data: me } = useQuery(meQuery);
  const { acknowledge, resolve, analyse } = useIssueActions();
  const mayWrite = may(me, "issues:write");
  const why = mayWrite ? undefined : "Your role cannot change issues";
  const isResolved = issue.status === "resolved";
  const mayRun = may(me, "runbooks:read");
  const close = () => open(null);
  return (
    <div ref={bar} role="group" aria-label="Actions" className="no-print flex gap-2 border-b border-line px-4 py-2">
      {!isResolved && (
        <Button
          small
          disabled={!mayWrite}
          title={why ?? "Keyboard shortcut: a"}
          icon={<Check aria-hidden />}
          onClick={() => void acknowledge(issue)}
        >
          {issue.status === "acknowledged" ? "Unacknowledge" : "Acknowledge"}
        </Button>
      )}
      <Button
        small
        disabled={!mayWrite}
        title={why ?? "Keyboard shortcut: e"}
        icon={isResolved ? <RotateCcw aria-hidden /> : <CheckCheck aria-hidden />}
        onClick={() => void resolve(issue)}
      >
        {isResolved ? "Reopen" : "Resolve"}
      </Button>
      {!isNarrow && !isResolved && <SnoozeMenu severity={issue.severity} make={make} disabled={!mayWrite} title={why} />}
      {!isNarrow && (
        <Menu
          trigger={
            <Button small disabled={!mayRun} icon={<Play aria-hidden />}>
              Run runbook <ChevronDown aria-hidden />
            </Button>
          }
        >
          <RunbookItems issue={issue} />
        </Menu>
      )}
      <Menu
        align="end"
        trigger={
          <IconButton label="More actions" className="h-6 w-8 border border-control/60 pointer-coarse:h-9 pointer-coarse:w-11">
            <Ellipsis />
          </IconButton>
        }
      >
        {isNarrow && !isResolved && (
          <MenuSub label="Snooze" disabled={!mayWrite}>
            <SnoozeItems severity={issue.severity} make={make} onCustom={() => open("snooze")} />
          </MenuSub>
        )}
        {isNarrow && (
          <MenuSub label="Run runbook" disabled={!mayRun}>
            <RunbookItems issue={issue} />
          </MenuSub>
        )}
        {isNarrow && <MenuLine />}
        <MenuSub label="Assign" disabled={!mayWrite}>
          <AssignItems assignee={issue.assignee ?? null} make={make} />
        </MenuSub>
        {!isResolved && (
          <MenuSub label="Severity" disabled={!mayWrite}>
            <SeverityItems of={issue} make={make} />
          </MenuSub>
        )}
        <MenuItem disabled={!mayWrite} onSelect={() => open("labels")}>
          Labels…
        </MenuItem>
        {!issue.muteRuleId && (
          <MenuItem disabled={!mayWrite} onSelect={() => open("mute")}>
            Mute…
          </MenuItem>
        )}
        {!isResolved && (
          <MenuItem disabled={!mayWrite} onSelect={() => open("ticket")}>
            Create ticket…
          </MenuItem>
        )}
        {!isResolved && (
          <MenuItem disabled={!may(me, "issues:analyze")} onSelect={() => void analyse(issue)}>
            {issue.analysis ? "Analyze again" : "Analyze"}
          </MenuItem>
        )}
        <MenuItem onSelect={() => open("document")}>Post-mortem…</MenuItem>
      </Menu>
      {opened === "snooze" && <SnoozeDialog severity={issue.severity} make={make} onClose={close} />}
      {opened === "mute" && <MuteDialog of={issue} onClose={close} />}
      {opened === "labels" && <LabelDialog labels={issue.labels} make={make} onClose={close} />}
      {opened === "ticket" && <TicketDialog issueId={issue.id} onClose={close} />}
      {opened === "document" && <PostMortem id={issue.id} onClose={close} />}
    </div>
  );
}

function RunbookItems({ issue }: { issue: Issue }) {
  const go = useNavigate();
  const runbooks = (issue.analysis?.recommendedActions ?? []).filter((one) => one.runbook);
  return (
    <>
      {runbooks.map((one, index) => (
        <MenuItem key={index} onSelect={() => void go(runbookLink(issue, one) as never)}>
          {one.title}
        </MenuItem>
      ))}
      {runbooks.length > 0 && <MenuLine />}
      <MenuItem onSelect={() => void go({ to: "/runbooks", search: { cluster: issue.cluster } as never })}>All runbooks…</MenuItem>
    </>
  );
}
