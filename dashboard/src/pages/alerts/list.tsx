// What other systems reported, newest first: what each alert is about, and the issue that explains it. The filters are in the address.
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Cell, ChoiceSelect, counted, Empty, Failed, Loading, PageHeader, Row, Table, Tabs } from "../../parts";
import { useTitle } from "../title";
import { AlertFacts, AlertName, AlertOutcome, OUTCOMES } from "./alert";
import { AlertQuality } from "./quality";
import { alertsQuery } from "./queries";
import { Receivers } from "./receivers";

const CHOICES = Object.entries(OUTCOMES).map(([value, [, word]]): [string, string] => [value, word]);
const STATUSES: [string, string][] = [
  ["firing", "Firing"],
  ["resolved", "Resolved"],
];

export function AlertList() {
  useTitle("Alerts");
  const { view = "list" } = useSearch({ strict: false }) as { view?: string };
  const go = useNavigate();
  const tabs = [
    { id: "list", label: "List", content: <AllAlerts /> },
    { id: "quality", label: "Quality", content: <AlertQuality /> },
    { id: "receivers", label: "Receivers", content: <Receivers /> },
  ];
  const shown = tabs.some((one) => one.id === view) ? view : "list";
  return (
    <div className="flex-1 overflow-y-auto">
      <PageHeader title="Alerts">{shown === "list" && <Filters />}</PageHeader>
      <div className="pt-1">
        <Tabs
          label="About alerts"
          value={shown}
          onChange={(id) => void go({ to: ".", search: { view: id === "list" ? undefined : id } as never, replace: true })}
          tabs={tabs}
        />
      </div>
    </div>
  );
}

function useFilters() {
  const filters = useSearch({ strict: false }) as { outcome?: string; status?: string; cluster?: string };
  const go = useNavigate();
  const set = (change: object) => void go({ to: ".", search: (before: object) => ({ ...before, ...change }), replace: true } as never);
  return { ...filters, set };
}

function Filters() {
  const { outcome, status, set } = useFilters();
  return (
    <>
      <ChoiceSelect
        aria-label="Status"
        className="w-auto max-sm:w-28"
        none="Any status"
        of={STATUSES}
        value={status}
        onChange={(chosen) => set({ status: chosen })}
      />
      <ChoiceSelect
        aria-label="Outcome"
        className="w-auto max-sm:w-28"
        none="Any outcome"
        of={CHOICES}
        value={outcome}
        onChange={(chosen) => set({ outcome: chosen })}
      />
    </>
  );
}

function AllAlerts() {
  const { outcome, status, cluster, set } = useFilters();
  const query = useQuery(alertsQuery({ outcome, status, cluster }));
  return query.isPending ? (
    <Loading label="Loading alerts" />
  ) : query.isLoadingError ? (
    <Failed error={query.error} what="Could not load alerts" retry={() => void query.refetch()} />
  ) : query.data.alerts.length ? (
    <>
      <Table label="Alerts" head={["Alert", "Object", "Explained by"]}>
        {query.data.alerts.map((one) => (
          <Row key={one.id}>
            <Cell className="max-w-md min-w-48 align-top">
              <AlertName of={one} />
              <AlertFacts of={one} />
            </Cell>
            <Cell className="align-top break-words">
              {one.object ? `${one.object.kind} ${one.object.name}` : ""}
              {one.namespace && <span className="block text-xs text-muted">{one.namespace}</span>}
            </Cell>
            <Cell className="max-w-md min-w-40 align-top">
              <AlertOutcome of={one} />
            </Cell>
          </Row>
        ))}
      </Table>
      {query.data.total > query.data.alerts.length && (
        <p className="px-4 py-2 text-muted">
          Showing the newest {query.data.alerts.length} of {counted(query.data.total)}. Use /v1/alerts in the API for older ones.
        </p>
      )}
    </>
  ) : outcome || status || cluster ? (
    <Empty
      title="No matching alerts"
      action={<Button onClick={() => set({ outcome: undefined, status: undefined, cluster: undefined })}>Clear filters</Button>}
    >
      The filters hide other alerts.
    </Empty>
  ) : (
    <Empty title="No alerts yet" action={<Button onClick={() => set({ view: "receivers" })}>Set up a receiver</Button>}>
      Connect an Alertmanager: create a receiver, and add it as a webhook to its configuration.
    </Empty>
  );
}
