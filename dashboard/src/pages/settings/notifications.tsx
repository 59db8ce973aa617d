// What one person is notified of in the browser. The settings are the person's, the permission is the browser's.
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { canNotify, type Settings, show } from "../../live/notifier";
import { Button, Failed, Form, Loading, Section, Switch, TextField, toast, toastError } from "../../parts";
import type { WithoutNulls } from "../runbooks/queries";

type Quiet = NonNullable<WithoutNulls<Schemas["NotificationsShape"]>["quietHours"]>;
const NIGHT = (): Quiet => ({ start: "22:00", end: "07:00", timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone });

const settingsQuery = queryOptions({
  queryKey: ["notificationSettings"],
  queryFn: ({ signal }) => send<Settings>("GET", "/v1/me/notifications", { signal }),
});

export function Notifications() {
  const found = useQuery(settingsQuery);
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  if (found.isPending) return <Loading rows={4} />;
  if (found.isLoadingError)
    return <Failed error={found.error} what="Could not load your notification settings" retry={() => void found.refetch()} />;
  const settings = found.data!;
  const change = async (part: Partial<Settings>) => {
    setBusy(true);
    try {
      const saved = await send<Settings>("PUT", "/v1/me/notifications", { body: { ...settings, ...part } });
      client.setQueryData(settingsQuery.queryKey, saved);
      toast("Saved");
    } catch (error) {
      toastError(error);
    }
    setBusy(false);
  };
  return (
    <>
      <Section title="Browser notifications">
        <div className="flex flex-col gap-3">
          <Switch
            isOn={settings.enabled}
            disabled={busy}
            label="Notify me when no Optral tab is visible"
            hint="At least one tab must be open. These settings apply to you in every browser; nobody else sees them."
            onChange={(enabled) => void change({ enabled })}
          />
          <ThisBrowser isWanted={settings.enabled} />
        </div>
      </Section>
      <Section title="Notify me of">
        <div className="flex flex-col gap-3">
          <Switch
            isOn={settings.criticals}
            disabled={busy || !settings.enabled}
            label="Critical issues"
            hint="When one opens, reopens or becomes critical. Symptoms of other issues and snoozed, muted or preexisting issues are excluded."
            onChange={(criticals) => void change({ criticals })}
          />
          <Switch
            isOn={settings.approvals}
            disabled={busy || !settings.enabled}
            label="Approvals"
            hint="When an execution that somebody else requested waits for an approval that you may give."
            onChange={(approvals) => void change({ approvals })}
          />
        </div>
      </Section>
      <QuietHours
        key={JSON.stringify(settings.quietHours ?? null)}
        of={(settings.quietHours as Quiet | null | undefined) ?? undefined}
        disabled={busy || !settings.enabled}
        change={change}
      />
      <p className="max-w-prose px-4 py-3 text-xs text-muted">
        Teams get notifications in Slack or their own tools by{" "}
        <Link to="/settings/$tab" params={{ tab: "webhooks" }} className="underline">
          webhooks
        </Link>
        .
      </p>
    </>
  );
}

/** Whether this browser lets pages of this server notify; a browser asks only after a click. */
function ThisBrowser({ isWanted }: { isWanted: boolean }) {
  const { history } = useRouter();
  const [permission, set] = useState(canNotify() ? Notification.permission : null);
  if (permission === null)
    return (
      <p className="text-muted">This browser cannot show notifications. They need HTTPS or localhost, and a browser with shared workers.</p>
    );
  if (permission === "denied")
    return <p className="text-muted">This browser blocks notifications from this server. Allow them in the browser settings.</p>;
  if (permission === "default")
    return (
      <div className="flex flex-wrap items-center gap-3">
        <Button kind={isWanted ? "primary" : "plain"} onClick={async () => set(await Notification.requestPermission())}>
          Allow in this browser…
        </Button>
        <span className="text-muted">This browser has not allowed notifications yet.</span>
      </div>
    );
  const test = () => show({ title: "Test notification", body: "Notifications work in this browser.", path: "/" }, history.push);
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button onClick={test}>Show a test notification</Button>
      <span className="text-muted">This browser allows notifications.</span>
    </div>
  );
}

interface QuietProps {
  of: Quiet | undefined;
  disabled: boolean;
  change: (part: Partial<Settings>) => Promise<void>;
}

function QuietHours({ of, disabled, change }: QuietProps) {
  const [draft, edit] = useState(of);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(of);
  return (
    <Section title="Quiet hours">
      <Switch
        isOn={draft !== undefined}
        disabled={disabled}
        label="No notifications during the quiet hours"
        hint="Issues still appear in the list; missed notifications are not sent later."
        onChange={(isOn) => (isOn ? edit(NIGHT()) : of ? void change({ quietHours: null }) : edit(undefined))}
      />
      {draft && (
        <Form
          className="mt-3 flex-row! flex-wrap items-end gap-3!"
          isBusy={disabled || !isChanged}
          onSubmit={() => change({ quietHours: draft })}
        >
          <TextField
            label="From"
            type="time"
            required
            className="w-32"
            value={draft.start}
            onChange={(value) => edit({ ...draft, start: value })}
          />
          <TextField
            label="Until"
            type="time"
            required
            className="w-32"
            value={draft.end}
            onChange={(value) => edit({ ...draft, end: value })}
          />
          <Button type="submit" kind="primary" disabled={disabled || !isChanged}>
            Save
          </Button>
          <p className="w-full text-xs text-muted">Time zone: {draft.timeZone}</p>
        </Form>
      )}
    </Section>
  );
}
