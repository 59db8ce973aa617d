// What people do with an issue beside its status: snooze it, give it to somebody, label it, mute it. One issue or several.
import { useState, type FormEvent, type ReactNode } from "react";
import { useQuery } from "@tanstack/react-query";
import { BellOff, ChevronDown, Moon, Tag, UserRound } from "lucide-react";
import { muteRuleQuery, type Issue } from "../../api/queries";
import { Button, Dialog, Field, FormError, Input, Menu, MenuCheck, MenuItem, MenuLine, Time } from "../../parts";
import { parsed, written } from "../clusters/labels";
import { usePeople } from "../people";
import { type Change } from "./actions";
import { endOf, localInput, morning, usual, type Wish } from "./snooze";
import { lazyPage } from "../lazy";

const MuteDialog = lazyPage(() => import("../settings/mutedialog"), "MuteDialog");
/** `said` is what a toast says when it was done. */
export type Make = (change: Change, said: string) => void;

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
        {usual(new Date(), severity).map((one) => (
          <MenuItem key={one.word} onSelect={() => make({ snooze: one.wish }, "Snoozed")}>
            {one.word}
          </MenuItem>
        ))}
        <MenuLine />
        <MenuItem onSelect={() => custom(true)}>Choose what ends it…</MenuItem>
      </Menu>
      {isCustom && <SnoozeDialog severity={severity} make={make} onClose={() => custom(false)} />}
    </>
  );
}

export function SnoozeDialog({ severity, make, onClose }: { severity: string | null; make: Make; onClose: () => void }) {
  const [until, setUntil] = useState(() => localInput(morning(new Date())));
  const [times, setTimes] = useState("");
  const [rises, setRises] = useState(false);
  const [said, say] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wish: Wish = { ...(until && { until: new Date(until).toISOString() }), ...(times && { occurrences: Number(times) }), ...(rises && { severityRises: true }) };
    if (!Object.keys(wish).length) return say("Say what ends it: a time, a count or a higher severity.");
    if (until && Date.parse(until) <= Date.now()) return say("The time is over already.");
    make({ snooze: wish }, "Snoozed");
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Snooze"
      description="Nobody is told until the first of these comes. Resolving ends it too."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="snooze">
            Snooze
          </Button>
        </>
      }
    >
      <form id="snooze" noValidate onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Until">{(ids) => <Input {...ids} type="datetime-local" autoFocus value={until} onChange={(event) => setUntil(event.target.value)} />}</Field>
        <Field label="Or until it happened so many more times">
          {(ids) => <Input {...ids} type="number" min={1} max={10000} inputMode="numeric" placeholder="not counted" value={times} onChange={(event) => setTimes(event.target.value)} />}
        </Field>
        <label className="flex min-h-7 items-center gap-2">
          <input type="checkbox" disabled={severity === "critical"} checked={rises} onChange={(event) => setRises(event.target.checked)} />
          Or until it gets more severe{severity === "critical" && <span className="text-muted">(it is critical: nothing is more severe)</span>}
        </label>
        <FormError>{said}</FormError>
      </form>
    </Dialog>
  );
}

/** `assignee` null: nobody's; undefined: it is about many. */
export function AssignMenu({ assignee, make, disabled, title }: TriggerProps & { assignee: string | null | undefined; make: Make }) {
  const { me, all } = usePeople();
  const others = all.filter((one) => one.id !== me);
  return (
    <Menu
      trigger={
        <Button small disabled={disabled} title={title} icon={<UserRound aria-hidden />}>
          Assign <ChevronDown aria-hidden />
        </Button>
      }
    >
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
      <MenuItem disabled={assignee === null} onSelect={() => make({ assignee: null }, "Left to nobody")}>
        Nobody
      </MenuItem>
    </Menu>
  );
}

/** The labels of one issue, written out; null where they are put over those of many. */
export function LabelDialog({ labels, make, onClose }: { labels: Record<string, string> | null; make: Make; onClose: () => void }) {
  const [text, write] = useState(labels ? written(labels) : "");
  const [said, say] = useState<string | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const wanted = parsed(text);
    if (typeof wanted === "string") return say(wanted);
    const gone = Object.keys(labels ?? {}).filter((name) => !(name in wanted));
    if (!labels && !Object.keys(wanted).length) return say("Write at least one label.");
    make({ labels: { ...wanted, ...Object.fromEntries(gone.map((name) => [name, null])) } }, "Labelled");
    onClose();
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title={labels ? "Labels" : "Add labels"}
      description="Yours, not Kubernetes'. Lists filter by them, and mute rules can go by them."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" form="labels">
            {labels ? "Save" : "Add"}
          </Button>
        </>
      }
    >
      <form id="labels" noValidate onSubmit={submit} className="flex flex-col gap-3">
        <Field label="Labels" hint="key=value, one a line." error={said}>
          {(ids) => (
            <textarea
              {...ids}
              autoFocus
              rows={4}
              spellCheck={false}
              value={text}
              onChange={(event) => write(event.target.value)}
              className="w-full rounded-sm border border-control bg-bg px-2.5 py-2 font-mono text-sm"
            />
          )}
        </Field>
      </form>
    </Dialog>
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

export function MuteButton({ issue, disabled, title }: TriggerProps & { issue: Issue }) {
  const [isOpen, open] = useState(false);
  return (
    <>
      <Button small disabled={disabled} title={title ?? "Known: do not tell it again"} icon={<BellOff aria-hidden />} onClick={() => open(true)}>
        Mute…
      </Button>
      {isOpen && (
        <MuteDialog of={issue} onClose={() => open(false)} />
      )}
    </>
  );
}

/** A line above everything else that says why nobody is told of this issue, or what it hangs together with. */
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

const clock = (at: string) => new Date(at).toLocaleString(undefined, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });

export function SnoozedNotice({ issue, make, mayWrite }: { issue: Issue; make: Make; mayWrite: boolean }) {
  const { name } = usePeople();
  if (!issue.snooze) return null;
  const by = name(issue.snooze.by);
  return (
    <Notice
      icon={<Moon />}
      action={
        mayWrite && (
          <Button small onClick={() => make({ snooze: null }, "Woken")}>
            Wake now
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
      Muted: nobody is told of it.{" "}
      {rule && (
        <span className="text-muted">
          {rule.reason} (until {clock(rule.expiresAt)})
        </span>
      )}
    </Notice>
  );
}

export { clock };
