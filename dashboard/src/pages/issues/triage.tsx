// What people do with an issue beside its status: snooze it, give it to somebody, label it, mute it. One issue or several.

import { useQuery } from "@tanstack/react-query";
import { BellOff, ChevronDown, Moon, Tag, UserRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import { type Issue, muteRuleQuery } from "../../api/queries";
import {
  Button,
  Check,
  dateText,
  FormDialog,
  Menu,
  MenuCheck,
  MenuItem,
  MenuLine,
  Severity,
  TextAreaField,
  TextField,
  Time,
} from "../../parts";
import { parsed, written } from "../clusters/labels";
import { lazyPage } from "../lazy";
import { usePeople } from "../people";
import type { Change } from "./actions";
import { endOf, localInput, morning, usual, type Wish } from "./snooze";

export const MuteDialog = lazyPage(() => import("../settings/mutedialog"), "MuteDialog");
/** `message` is the text of the toast. */
export type Make = (change: Change, message: string) => void;

interface TriggerProps {
  disabled?: boolean;
  title?: string;
}

export function SnoozeMenu({ severity, make, disabled, title }: TriggerProps & { severity: string | null; make: Make }) {
  const [isCustom, custom] = useState(false);
  return (
    <>
      <Menu
        trigger={
          <Button small disabled={disabled} title={title} icon={<Moon aria-hidden />}>
            Snooze <ChevronDown aria-hidden />
          </Button>
        }
      >
        <SnoozeItems severity={severity} make={make} onCustom={() => custom(true)} />
      </Menu>
      {isCustom && <SnoozeDialog severity={severity} make={make} onClose={() => custom(false)} />}
    </>
  );
}

/** `onCustom` opens the dialog for any other condition. */
export function SnoozeItems({ severity, make, onCustom }: { severity: string | null; make: Make; onCustom: () => void }) {
  return (
    <>
      {usual(new Date(), severity).map((one) => (
        <MenuItem key={one.word} onSelect={() => make({ snooze: one.wish }, "Snoozed")}>
          {one.word}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onSelect={onCustom}>Custom…</MenuItem>
    </>
  );
}

export function SnoozeDialog({ severity, make, onClose }: { severity: string | null; make: Make; onClose: () => void }) {
  const [until, setUntil] = useState(() => localInput(morning(new Date())));
  const [times, setTimes] = useState("");
  const [rises, setRises] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const submit = () => {
    const wish: Wish = {
      ...(until && { until: new Date(until).toISOString() }),
      ...(times && { occurrences: Number(times) }),
      ...(rises && { severityRises: true }),
    };
    if (!Object.keys(wish).length) return setMessage("Choose when the snooze ends: a time, a number of occurrences or a higher severity.");
    if (until && Date.parse(until) <= Date.now()) return setMessage("The time is in the past.");
    make({ snooze: wish }, "Snoozed");
    onClose();
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Snooze"
      description="Pauses notifications until the first of these conditions is met. Resolving the issue also ends the snooze."
      submit="Snooze"
      error={message}
      onSubmit={submit}
    >
      <TextField label="Until" type="datetime-local" autoFocus value={until} onChange={setUntil} />
      <TextField
        label="Or after this many more occurrences"
        type="number"
        min={1}
        max={10000}
        inputMode="numeric"
        placeholder="no limit"
        value={times}
        onChange={setTimes}
      />
      <Check disabled={severity === "critical"} checked={rises} onChange={setRises}>
        Or when the severity rises{severity === "critical" && <span className="text-muted"> (already critical)</span>}
      </Check>
    </FormDialog>
  );
}

/** `assignee` null: nobody's; undefined: it is about many. */
export function AssignMenu({ assignee, make, disabled, title }: TriggerProps & { assignee: string | null | undefined; make: Make }) {
  return (
    <Menu
      trigger={
        <Button small disabled={disabled} title={title} icon={<UserRound aria-hidden />}>
          Assign <ChevronDown aria-hidden />
        </Button>
      }
    >
      <AssignItems assignee={assignee} make={make} />
    </Menu>
  );
}

export function AssignItems({ assignee, make }: { assignee: string | null | undefined; make: Make }) {
  const { me, all } = usePeople();
  const others = all.filter((one) => one.id !== me);
  return (
    <>
      {me && (
        <MenuCheck checked={assignee === me} onChange={() => make({ assignee: "me" }, "Assigned to you")}>
          Me
        </MenuCheck>
      )}
      {others.map((one) => (
        <MenuCheck key={one.id} checked={assignee === one.id} onChange={() => make({ assignee: one.id }, `Assigned to ${one.email}`)}>
          {one.email}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuItem disabled={assignee === null} onSelect={() => make({ assignee: null }, "Unassigned")}>
        Unassigned
      </MenuItem>
    </>
  );
}

const LEVELS = ["critical", "high", "medium", "low"] as const;

export function SeverityMenu({ make }: { make: Make }) {
  return (
    <Menu
      trigger={
        <Button small>
          Severity <ChevronDown aria-hidden />
        </Button>
      }
    >
      <SeverityItems make={make} />
    </Menu>
  );
}

/** Set a severity that holds until it is changed again; the last item returns to the computed one. `of`: the issue, if it is one. */
export function SeverityItems({ of, make }: { of?: Issue; make: Make }) {
  return (
    <>
      {LEVELS.map((one) => (
        <MenuItem key={one} onSelect={() => make({ severity: one }, `Severity set to ${one}`)}>
          <Severity quiet value={one} />
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem disabled={of && !of.severitySetBy} onSelect={() => make({ severity: null }, "Severity reset to the computed value")}>
        Automatic{of?.computedSeverity && ` (${of.computedSeverity})`}
      </MenuItem>
    </>
  );
}

/** The labels of one issue, written out; null where they are put over those of many. */
export function LabelDialog({ labels, make, onClose }: { labels: Record<string, string> | null; make: Make; onClose: () => void }) {
  const [text, write] = useState(labels ? written(labels) : "");
  const [message, setMessage] = useState<string | null>(null);
  const submit = () => {
    const wanted = parsed(text);
    if (typeof wanted === "string") return setMessage(wanted);
    const gone = Object.keys(labels ?? {}).filter((name) => !(name in wanted));
    if (!labels && !Object.keys(wanted).length) return setMessage("Enter at least one label.");
    make({ labels: { ...wanted, ...Object.fromEntries(gone.map((name) => [name, null])) } }, "Labels saved");
    onClose();
  };
  return (
    <FormDialog
      onClose={onClose}
      title={labels ? "Labels" : "Add labels"}
      description="Labels in Optral, not in Kubernetes. Use them in filters and mute rules."
      submit={labels ? "Save" : "Add"}
      onSubmit={submit}
    >
      <TextAreaField
        label="Labels"
        hint="One key=value pair per line."
        autoFocus
        rows={4}
        spellCheck={false}
        value={text}
        className="font-mono text-sm!"
        error={message}
        onChange={write}
      />
    </FormDialog>
  );
}

export function LabelButton({ make, disabled, title }: TriggerProps & { make: Make }) {
  const [isOpen, open] = useState(false);
  return (
    <>
      <Button small disabled={disabled} title={title} icon={<Tag aria-hidden />} onClick={() => open(true)}>
        Label…
      </Button>
      {isOpen && <LabelDialog labels={null} make={make} onClose={() => open(false)} />}
    </>
  );
}

/** A line at the top that says why no notifications are sent, or which issue is related. */
export function Notice({ icon, children, action }: { icon: ReactNode; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex items-start gap-2 border-b border-line bg-surface px-4 py-2">
      <span aria-hidden className="mt-0.5 shrink-0 text-muted [&>svg]:size-4">
        {icon}
      </span>
      <div className="min-w-0 flex-1 break-words">{children}</div>
      {action}
    </div>
  );
}

export const clock = (at: string) => dateText(at, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });

export function SnoozedNotice({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
  const { name } = usePeople();
  if (!issue.snooze) return null;
  const by = name(issue.snooze.by);
  return (
    <Notice
      icon={<Moon />}
      action={
        mayWrite && (
          <Button small onClick={() => make({ snooze: null }, "Snooze ended")}>
            End snooze
          </Button>
        )
      }
    >
      Snoozed until {endOf(issue.snooze, clock)}.{" "}
      <span className="text-muted">
        {by ? `By ${by}, ` : "Since "}
        <Time at={issue.snooze.at} />
      </span>
    </Notice>
  );
}

export function MutedNotice({ ruleId, children }: { ruleId: string; children: ReactNode }) {
  const { data: rule } = useQuery(muteRuleQuery(ruleId));
  return (
    <Notice icon={<BellOff />} action={children}>
      {/* On a phone the reason takes a second line: what follows must not move when it arrives. */}
      <div className="max-sm:min-h-[2lh]">
        Muted: no notifications are sent.{" "}
        {rule && (
          <span className="text-muted">
            {rule.reason} (until {clock(rule.expiresAt)})
          </span>
        )}
      </div>
    </Notice>
  );
}
