// Silences of Alertmanager that concern the issue, and the dialogs that create and end one. A snooze or a mute rule is not a silence: it
// silences Optral. Absent without an Alertmanager.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { BellOff } from "lucide-react";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { Button, Failed, FormDialog, Options, Section, SelectField, TextField, Time, toast } from "../../parts";
import { type IssueSilences, issueSilencesQuery, type Silence, silencesPath } from "../alerts/queries";
import { useSubmit } from "../settings/submit";
import { localInput } from "./snooze";

type About = Schemas["NewSilence"]["about"];
const HOURS = 2;
const HOUR_MS = 3_600_000;

export function SilencesSection({ issueId, mayWrite }: { issueId: string; mayWrite: boolean }) {
  const found = useQuery(issueSilencesQuery(issueId));
  const [isMaking, make] = useState(false);
  const [ending, end] = useState<Silence | null>(null);
  if (found.isLoadingError)
    return (
      <Section id="silences" title="Silences in Alertmanager">
        <Failed error={found.error} what="Could not load silences" retry={() => void found.refetch()} />
      </Section>
    );
  if (!found.data?.alertmanagers.length) return null;
  const { silences, alertmanagers } = found.data;
  return (
    <Section
      id="silences"
      title="Silences in Alertmanager"
      actions={
        <Button
          small
          icon={<BellOff aria-hidden />}
          disabled={!mayWrite}
          title={mayWrite ? undefined : "Your role cannot change issues"}
          onClick={() => make(true)}
        >
          Silence…
        </Button>
      }
    >
      {silences.length === 0 && <p className="text-muted">No silence concerns this issue.</p>}
      {silences.length > 0 && (
        <ul className="divide-y divide-line rounded-md border border-line">
          {silences.map((one) => (
            <li key={one.webhookId + one.id} className="flex flex-wrap items-center gap-x-3 px-3 py-1.5">
              <div className="min-w-0 flex-1">
                <p className="break-words">
                  {one.createdBy} silenced {(one.about ?? []).map((about) => ABOUT[about]).join(" and ")}, ends <Time at={one.endsAt} />
                </p>
                <p className="break-words text-muted">{one.comment}</p>
              </div>
              {one.createdHere && mayWrite && (
                <Button small aria-label={`End the silence of ${one.createdBy}`} onClick={() => end(one)}>
                  End…
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {alertmanagers
        .filter((one) => one.error)
        .map((one) => (
          <p key={one.webhookId} className="mt-2 text-muted">
            Could not read the silences of {one.name}: {one.error}. Silences may be missing.
          </p>
        ))}
      {isMaking && <SilenceDialog issueId={issueId} found={found.data} onClose={() => make(false)} />}
      {ending && <EndDialog issueId={issueId} silence={ending} onClose={() => end(null)} />}
    </Section>
  );
}

const ABOUT: Record<string, string> = { issue: "the alert about this issue", alerts: "the alerts joined to it" };
const CHOICES: [About, string][] = [
  ["issue", "The alert that Optral sends about this issue"],
  ["alerts", "The alerts that are joined to this issue"],
];

function SilenceDialog({ issueId, found, onClose }: { issueId: string; found: IssueSilences; onClose: () => void }) {
  const { alertmanagers, matchers } = found;
  const [webhookId, setWebhook] = useState(alertmanagers[0]?.webhookId ?? "");
  const [about, setAbout] = useState<About>("issue");
  const [until, setUntil] = useState(() => localInput(new Date(Date.now() + HOURS * HOUR_MS)));
  const [comment, setComment] = useState("");
  const { errors, isBusy, submit, check } = useSubmit();
  const client = useQueryClient();
  const save = async () => {
    const isValid = check({
      endsAt: !(Date.parse(until) > Date.now()) && "Enter a time in the future.",
      comment: !comment.trim() && "Enter a comment.",
    });
    if (!isValid) return;
    await submit(async () => {
      await send("POST", silencesPath(issueId), {
        body: { webhookId, about, endsAt: new Date(until).toISOString(), comment: comment.trim() },
      });
      toast("Silenced in Alertmanager");
      void client.invalidateQueries({ queryKey: ["silences"] });
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Silence in Alertmanager"
      description="Alertmanager sends no notifications about the alerts until the silence ends. The issue stays as it is in Optral; to silence Optral, snooze or mute the issue."
      submit="Silence"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={() => void save()}
    >
      {alertmanagers.length > 1 && (
        <SelectField label="Alertmanager" value={webhookId} error={errors.webhookId} onChange={setWebhook}>
          <Options of={alertmanagers.map((one): [string, string] => [one.webhookId, one.name])} />
        </SelectField>
      )}
      <SelectField label="What to silence" value={about} onChange={(value) => setAbout(value as About)}>
        <Options of={CHOICES.filter(([one]) => matchers[one ?? "issue"].length)} />
      </SelectField>
      <div>
        <p className="mb-1 font-medium">It matches alerts with</p>
        <ul className="font-mono text-xs break-all">
          {matchers[about ?? "issue"].map((one) => (
            <li key={one.name}>
              {one.name}
              {one.isEqual ? (one.isRegex ? "=~" : "=") : one.isRegex ? "!~" : "!="}"{one.value}"
            </li>
          ))}
        </ul>
      </div>
      <TextField label="Until" type="datetime-local" value={until} error={errors.endsAt} onChange={setUntil} />
      <TextField
        label="Comment"
        hint="Alertmanager shows it, and the history of the issue."
        autoFocus
        maxLength={1000}
        value={comment}
        error={errors.comment}
        onChange={setComment}
      />
    </FormDialog>
  );
}

function EndDialog({ issueId, silence, onClose }: { issueId: string; silence: Silence; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const end = () =>
    submit(async () => {
      await send("DELETE", silencesPath(issueId, silence.id));
      toast("The silence ended");
      void client.invalidateQueries({ queryKey: ["silences"] });
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="End this silence?"
      submit="End silence"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={() => void end()}
    >
      <p>Alertmanager sends notifications about the alerts again.</p>
    </FormDialog>
  );
}
