// One line over every page while all executions are stopped.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { OctagonX } from "lucide-react";
import { send } from "../api/client";
import { may, meQuery } from "../api/session";
import { Button, FormError, Time, toast } from "../parts";
import { usePeople } from "./people";
import { useSubmit } from "./settings/submit";
import { type Switch, switchQuery } from "./triggers/queries";

/** Who stopped or paused all executions, when and why, and the way back; nothing while they run. */
export function StoppedNotice() {
  const { data: now } = useQuery(switchQuery);
  const { data: me } = useQuery(meQuery);
  const { name, all } = usePeople();
  const { errors, isBusy, submit } = useSubmit();
  const client = useQueryClient();
  if (!now?.paused) return null;
  const who = now.by && (name(now.by) ?? (all.length ? "a former member" : undefined));
  const resume = () =>
    submit(async () => {
      client.setQueryData(switchQuery.queryKey, await send<Switch>("POST", "/v1/executions/resume", { body: {} }));
      toast("Executions have resumed");
    });
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
      <OctagonX aria-hidden className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 basis-64 break-words">
        Executions were stopped{who && ` by ${who}`}
        {now.at && (
          <>
            {" "}
            <Time at={now.at} />
          </>
        )}
        {now.reason ? `: ${now.reason}` : "."}
      </p>
      {may(me, "runbooks:approve") && (
        <Button small busy={isBusy} onClick={() => void resume()}>
          Resume
        </Button>
      )}
      <FormError>{errors.form}</FormError>
    </div>
  );
}
