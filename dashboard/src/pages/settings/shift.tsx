// The severity of every type, one step higher or lower in the chosen place.
import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { clustersQuery } from "../../api/queries";
import { isLimited, meQuery } from "../../api/session";
import { ChoiceSelect } from "../../parts";
import { useChange } from "./change";
import { type Place, placeText, SHIFTS, type Shift, shiftText } from "./detector";

export function SeverityShift({ of: shifts, place, mayWrite }: { of: Shift[]; place: Place; mayWrite: boolean }) {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery(clustersQuery({}));
  const { change, isBusy, sheet } = useChange(["detectors"]);
  const cluster = (id: string) => data?.clusters.find((one) => one.id === id)?.name ?? id;
  const isHere = (one: Shift) => one.cluster === place.cluster && one.namespace === place.namespace;
  const here = shifts.find(isHere);
  const others = shifts.filter((one) => !isHere(one));
  const set = (chosen: string | undefined) =>
    change(
      () => send("PATCH", "/v1/detectors", { body: { ...place, severityShift: chosen ? Number(chosen) : null } }),
      chosen ? "Severity shifted. Takes effect within ten seconds" : "Shift removed",
    );
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-t border-line px-4 py-2">
      <span id="shift">Severity of all types in {placeText(place, cluster)}</span>
      <ChoiceSelect
        aria-labelledby="shift"
        className="w-auto! text-sm!"
        none={place.cluster || place.namespace ? "as in wider scopes" : "not shifted"}
        of={SHIFTS}
        value={here ? String(here.severityShift) : ""}
        disabled={!mayWrite || isLimited(me) || isBusy}
        title={mayWrite && !isLimited(me) ? undefined : "Your role cannot shift severities; admins and owners can"}
        onChange={(chosen) => void set(chosen)}
      />
      {others.length > 0 && (
        <span className="min-w-0 text-xs break-words text-muted">Also: {others.map((one) => shiftText(one, cluster)).join("; ")}</span>
      )}
      {sheet}
    </div>
  );
}
