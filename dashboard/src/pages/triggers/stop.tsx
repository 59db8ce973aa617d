// The stop of all executions: one button with a typed reason. While it is on, every page says so: ../stopped.tsx.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { type FormEvent, useState } from "react";
import { freshKey, send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import { Button, Dialog, Field, FormError, Input, plural, toast } from "../../parts";
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
  const stop = (event: FormEvent) => {
    event.preventDefault();
    void submit(async () => {
      const stopped = await send<Switch & { canceled: string[]; held: number }>("POST", "/v1/executions/stop", {
        body: { reason: reason.trim() },
        idempotencyKey: key,
      });
      void client.invalidateQueries({ queryKey: ["executions"] });
      toast(stopped.canceled.length ? `${plural(stopped.canceled.length, "execution")} canceled` : "Executions are stopped");
      onClose();
    });
  };
  return (
    <Dialog
      open
      onClose={onClose}
      title="Stop all executions"
      description="Cancels the running and waiting executions of the organization, and holds every new one until an admin resumes."
      footer={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button kind="danger" type="submit" form="stop-all" busy={isBusy} disabled={reason.trim().length < MIN_REASON}>
            Stop all
          </Button>
        </>
      }
    >
      <form id="stop-all" onSubmit={stop} className="flex flex-col gap-4">
        <p>A request that is already at an API server ends first. Changes that were made stay, and each execution says so.</p>
        <Field label="Reason" hint="Required. Shown with every canceled execution and in the audit log." error={errors.reason}>
          {(ids) => (
            <Input {...ids} autoComplete="off" maxLength={500} value={reason} onChange={(event) => setReason(event.target.value)} />
          )}
        </Field>
        <FormError>{errors.form}</FormError>
      </form>
    </Dialog>
  );
}
