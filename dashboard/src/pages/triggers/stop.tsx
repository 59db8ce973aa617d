// The stop of all executions: one button with a typed reason. While it is on, every page says so: ../stopped.tsx.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { useState } from "react";
import { freshKey, send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import { Button, FormDialog, plural, TextField, toast } from "../../parts";
import { useSubmit } from "../settings/submit";
import { type Switch, switchQuery } from "./queries";

const MIN_REASON = 3;

export function StopButton() {
  const [isOpen, open] = useState(false);
  const { data: me } = useQuery(meQuery);
  const { data: now } = useQuery(switchQuery);
  const mayStop = may(me, "runbooks:execute");
  if (isLimited(me)) return null; // it stops what others started too
  return (
    <>
      <Button
        kind="danger"
        icon={<OctagonX aria-hidden />}
        disabled={!mayStop}
        title={mayStop ? undefined : "Your role cannot stop executions; operators can"}
        onClick={() => open(true)}
      >
        <span className="max-sm:sr-only">{now?.paused ? "Stop again" : "Stop all"}</span>
      </Button>
      {isOpen && <StopDialog onClose={() => open(false)} />}
    </>
  );
}

function StopDialog({ onClose }: { onClose: () => void }) {
  const [reason, setReason] = useState("");
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  const [key] = useState(freshKey);
  const stop = () =>
    submit(async () => {
      const stopped = await send<Switch & { canceled: string[]; held: number }>("POST", "/v1/executions/stop", {
        body: { reason: reason.trim() },
        idempotencyKey: key,
      });
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast(stopped.canceled.length ? `${plural(stopped.canceled.length, "execution")} canceled` : "Executions are stopped");
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title="Stop all executions"
      description="Cancels the running and waiting executions of the organization, and holds every new one until an admin resumes."
      submit="Stop all"
      kind="danger"
      back="Back"
      isBusy={isBusy}
      disabled={reason.trim().length < MIN_REASON}
      error={errors.form}
      onSubmit={stop}
    >
      <p>
        Requests that an API server is already processing finish first. Changes are not reverted; each execution lists the changes that it
        made.
      </p>
      <TextField
        label="Reason"
        hint="Required. Shown with every canceled execution and in the audit log."
        maxLength={500}
        value={reason}
        error={errors.reason}
        onChange={setReason}
      />
    </FormDialog>
  );
}
