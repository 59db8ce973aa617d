// A freeze that holds a change, and the typed reason that overrides it.
import { useQuery } from "@tanstack/react-query";
import { Problem } from "../../api/client";
import { isLimited, meQuery } from "../../api/session";
import { Clock } from "../../parts";
import { ReasonField } from "../formfields";
import { type ChangeWindow, windowsQuery } from "../triggers/queries";

const MIN_REASON = 10;

const isFrozen = (error: unknown): error is Problem => error instanceof Problem && error.code === "frozen";

/** The freeze in force that concerns a change there. `namespace`: undefined for objects without one, empty while it is not known. */
export function freezeOf(windows: ChangeWindow[], clusterId: string | undefined, namespace: string | undefined): ChangeWindow | undefined {
  return windows.find(
    (one) =>
      one.kind === "freeze" &&
      one.activeUntil &&
      (!one.clusterId || one.clusterId === clusterId) &&
      (!one.namespace || namespace === undefined || one.namespace === namespace),
  );
}

/** The freeze in force for a change there, read again while the form is open. */
export function useFreeze(clusterId: string | undefined, namespace: string | undefined, isWrite: boolean) {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({ ...windowsQuery, enabled: isWrite && me !== undefined && !isLimited(me) }); // they belong to the organization
  return isWrite ? freezeOf(data?.windows ?? [], clusterId, namespace) : undefined;
}

interface Props {
  freeze: ChangeWindow | undefined;
  /** Why the last attempt was refused. */
  refusal: Error | null;
  value: string;
  error?: string | null;
  onChange: (value: string) => void;
}

export function BreakGlass({ freeze, refusal, value, error, onChange }: Props) {
  if (!freeze && !isFrozen(refusal) && !value) return null;
  return (
    <fieldset className="flex flex-col gap-2 rounded-md border border-medium-solid bg-medium-tint/40 px-3 pb-3">
      <legend className="px-1 font-medium">Freeze</legend>
      {freeze && (
        <p className="break-words">
          “{freeze.name}” allows no changes until <Clock at={freeze.activeUntil!} />
          {freeze.reason && `: ${freeze.reason}`}.
        </p>
      )}
      <ReasonField
        label="Reason for a change during the freeze"
        hint="At least 10 characters. Recorded with the execution and in the audit log. Without it, the execution is refused."
        value={value}
        error={error}
        onChange={onChange}
      />
    </fieldset>
  );
}

/** What is wrong with the reason before it is sent. An empty one is for the server to judge: the freeze may have ended. */
export const glassMistake = (value: string): string | undefined =>
  value.trim() && value.trim().length < MIN_REASON ? `Enter at least ${MIN_REASON} characters.` : undefined;
