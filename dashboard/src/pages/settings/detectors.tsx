// What is looked for: every type of issue by area, whether it counts, what it cannot see, and how to tune it where.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Search, SlidersHorizontal } from "lucide-react";
import { Fragment, useDeferredValue, useMemo, useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Badge, Button, Cell, Chip, ChoiceSelect, cx, Empty, Failed, Input, Loading, Mark, Row, Switch, Table } from "../../parts";
import { ClusterSelect } from "../clusterselect";
import { NamespacePicker } from "../names";
import { useChange } from "./change";
import { areas, blindness, type Detector, detectorsQuery, effectiveSaid, type Place, TIERS } from "./detector";
import { SeverityShift } from "./shift";
import { TuneDialog } from "./tune";

const STATES: [value: string, text: string][] = [
  ["off", "Off"],
  ["tuned", "Tuned"],
  ["blind", "Limited data"],
  ["failed", "Failed"],
];

export function Detectors() {
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "detectors:write");
  const [place, setPlace] = useState<Place>({});
  const [text, write] = useState("");
  const [tier, setTier] = useState("");
  const [only, setOnly] = useState("");
  const asked = useDeferredValue(place);
  const query = useQuery({ ...detectorsQuery(asked), placeholderData: keepPreviousData });
  const found = useMemo(
    () =>
      (query.data?.detectors ?? []).filter(
        (one) =>
          one.type.toLowerCase().includes(text.trim().toLowerCase()) &&
          (!tier || one.tier === tier) &&
          (!only ||
            (only === "off"
              ? !one.enabled
              : only === "tuned"
                ? one.tunings.length > 0
                : only === "blind"
                  ? one.sees !== "yes"
                  : one.failures > 0)),
      ),
    [query.data, text, tier, only],
  );
  return (
    <div>
      <div className="flex flex-wrap items-start gap-x-6 gap-y-3 px-4 py-3">
        <p className="min-w-0 flex-1 basis-72 text-muted">
          Issue types that Optral detects. Switch a type off, or change its delay or severity, for all clusters, one cluster or one
          namespace. The most specific setting applies.
        </p>
        {query.data && <RiskSwitch isOn={query.data.riskChecks} mayWrite={mayWrite} />}
      </div>
      <div className="grid grid-cols-2 items-center gap-2 border-t border-line px-4 py-2 sm:flex sm:flex-wrap">
        <div className="relative flex-1 max-sm:col-span-2 sm:max-w-60 sm:min-w-40">
          <Search aria-hidden className="pointer-events-none absolute top-2.5 left-2 size-3.5 text-muted" />
          <Input
            type="search"
            aria-label="Filter by type"
            placeholder="Filter by type"
            value={text}
            onChange={(event) => write(event.target.value)}
            className="pl-7 text-sm!"
          />
        </div>
        <ChoiceSelect
          aria-label="Tier"
          className="text-sm! sm:w-auto!"
          none="All tiers"
          of={Object.entries(TIERS).map(([id, [word]]) => [id, word])}
          value={tier}
          onChange={(chosen = "") => setTier(chosen)}
        />
        <ChoiceSelect
          aria-label="State"
          className="text-sm! sm:w-auto!"
          none="All states"
          of={STATES}
          value={only}
          onChange={(chosen = "") => setOnly(chosen)}
        />
        <span className="flex-1 max-md:hidden" />
        <ClusterSelect
          aria-label="Settings in effect in"
          className="text-sm! sm:w-auto! sm:max-w-48"
          none="in all clusters"
          textOf={(one) => `in ${one.name}`}
          value={place.cluster ?? ""}
          onChange={(value) => setPlace({ ...place, cluster: value || undefined })}
        />
        <NamespacePicker
          aria-label="Namespace"
          placeholder="all namespaces"
          maxLength={63}
          cluster={place.cluster}
          value={place.namespace ?? ""}
          onChange={(namespace) => setPlace({ ...place, namespace: namespace.toLowerCase().replace(/[^a-z0-9-]/g, "") || undefined })}
          className="sm:w-48"
        />
      </div>
      {query.data && <SeverityShift of={query.data.severityShifts} place={place} mayWrite={mayWrite} />}
      {query.isPending ? (
        <Loading label="Loading detectors" />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load detectors" retry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <Empty
          title="No matching types"
          action={
            <Button
              onClick={() => {
                write("");
                setTier("");
                setOnly("");
              }}
            >
              Clear filters
            </Button>
          }
        >
          Enter part of a type name, such as OOM for OOMKilled.
        </Empty>
      ) : (
        <Areas detectors={found} place={place} mayWrite={mayWrite} hasRisk={query.data!.riskChecks} isStale={query.isPlaceholderData} />
      )}
    </div>
  );
}

function RiskSwitch({ isOn, mayWrite }: { isOn: boolean; mayWrite: boolean }) {
  const { change, isBusy, sheet } = useChange(["detectors"]);
  const set = (riskChecks: boolean) =>
    change(() => send("PATCH", "/v1/detectors", { body: { riskChecks } }), `Risk checks are ${riskChecks ? "on" : "off"}`);
  return (
    <>
      <Switch
        isOn={isOn}
        disabled={!mayWrite || isBusy}
        label="Risk checks"
        hint="Latent risks. Never sends notifications."
        title={mayWrite ? undefined : "Your role cannot change detectors; admins and owners can"}
        onChange={(wanted) => void set(wanted)}
      />
      {sheet}
    </>
  );
}

interface AreasProps {
  detectors: Detector[];
  place: Place;
  mayWrite: boolean;
  hasRisk: boolean;
  isStale: boolean;
}

function Areas({ detectors, place, mayWrite, hasRisk, isStale }: AreasProps) {
  const [tuning, tune] = useState<string | null>(null);
  const opened = detectors.find((one) => one.type === tuning);
  return (
    <div className={cx(isStale && "opacity-60")} aria-busy={isStale}>
      <Table label="Detectors" head={["Type", "State", "Severity and delay", "Open issues", <span className="sr-only">Actions</span>]}>
        {areas(detectors).map(([area, ones]) => (
          <Fragment key={area}>
            <tr className="border-b border-line">
              <th colSpan={5} scope="colgroup" className="px-4 pt-4 pb-1.5 text-sm font-semibold">
                {area} <span className="font-normal text-muted">{ones.length}</span>
              </th>
            </tr>
            {ones.map((one) => (
              <Row key={one.type}>
                <Cell className="w-1/2 min-w-44">
                  <span className="flex flex-wrap items-center gap-x-2">
                    <span className="font-medium break-all">{one.type}</span>
                    {one.tier !== "risk" && <Chip title={TIERS[one.tier]![1]}>{TIERS[one.tier]![0].toLowerCase()}</Chip>}
                    {one.tunings.length > 0 && <Chip title="Settings differ from the defaults">tuned</Chip>}
                    {one.failures > 0 && (
                      <Badge tone="critical" title="Since the server started; see the server log">{`failed ${one.failures}×`}</Badge>
                    )}
                  </span>
                  {one.sees !== "yes" && <span className="block text-xs break-words text-muted">{blindness(one)}</span>}
                </Cell>
                <Cell className="w-24">
                  {one.enabled ? (
                    one.sees === "no" ? (
                      <Mark tone="medium" title={blindness(one)}>
                        No data
                      </Mark>
                    ) : (
                      <Mark tone="ok">On</Mark>
                    )
                  ) : (
                    <Mark tone="info" title={one.tier === "risk" && !hasRisk ? "Risk checks are off" : undefined}>
                      Off
                    </Mark>
                  )}
                </Cell>
                <Cell className="w-48 text-muted md:min-w-44">{effectiveSaid(one)}</Cell>
                <Cell className="w-24">
                  {one.openIssues > 0 ? (
                    <Link
                      to="/issues"
                      search={{ type: one.type, parent: "any", snoozed: "any", muted: "any" } as never}
                      className="text-accent hover:underline"
                    >
                      {one.openIssues}
                    </Link>
                  ) : (
                    <span className="text-muted">–</span>
                  )}
                </Cell>
                <Cell className="w-24 text-right">
                  <TuneButton of={one} onTune={tune} mayWrite={mayWrite} />
                </Cell>
              </Row>
            ))}
          </Fragment>
        ))}
      </Table>
      {opened && <TuneDialog of={opened} place={place} mayWrite={mayWrite} onClose={() => tune(null)} />}
    </div>
  );
}

function TuneButton({ of, onTune, mayWrite }: { of: Detector; onTune: (type: string) => void; mayWrite: boolean }) {
  return (
    <Button
      small
      icon={mayWrite ? <SlidersHorizontal aria-hidden /> : undefined}
      aria-label={`${mayWrite ? "Tune" : "View"} ${of.type}`}
      onClick={() => onTune(of.type)}
    >
      {mayWrite ? "Tune" : "View"}
    </Button>
  );
}
