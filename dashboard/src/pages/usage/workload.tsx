// What the pods of a workload request, may use and use. A pod without a report has no usage, and that is said.
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../../api/client";
import { Section, Time } from "../../parts";
import { bytes } from "../issues/facts";
import { cores } from "./amounts";

type Workload = Schemas["WorkloadUseShape"];
type PodUse = Workload["ofPods"][number];
const SHOWN = 20; // pods; the others are in the response of the API

export function WorkloadUsage({ of }: { of: Workload }) {
  if (!of.pods) return null;
  return (
    <Section id="pods-usage" title="Usage of its pods">
      <div className="overflow-x-auto" tabIndex={0} role="region" aria-label="Usage of the pods">
        <table className="w-full border-collapse text-xs">
          <thead>
            <tr className="border-b border-line text-left text-muted">
              <th scope="col" className="py-1 pr-3 font-medium">
                Pod
              </th>
              <Head title="CPU" />
              <Head title="Memory" />
              <th scope="col" className="py-1 text-right font-medium">
                Measured
              </th>
            </tr>
          </thead>
          <tbody>
            {of.ofPods.slice(0, SHOWN).map((one) => (
              <Row key={one.id} of={one} />
            ))}
          </tbody>
          <tfoot>
            <tr className="font-medium">
              <th scope="row" className="py-1 pr-3 text-left font-medium">
                {of.pods === 1 ? "1 pod" : `All ${of.pods} pods`}
              </th>
              <Amount
                used={of.used?.cpuMillis}
                requested={of.requested.cpuMillis}
                limit={of.limit.cpuMillis}
                shown={cores}
                isPartial={of.measuredPods < of.pods}
              />
              <Amount
                used={of.used?.memoryBytes}
                requested={of.requested.memoryBytes}
                limit={of.limit.memoryBytes}
                shown={bytes}
                isPartial={of.measuredPods < of.pods}
              />
              <td className="py-1 text-right whitespace-nowrap">
                {of.measuredPods} of {of.pods}
              </td>
            </tr>
          </tfoot>
        </table>
      </div>
      {(of.ofPods.length > SHOWN || of.truncated) && (
        <p className="mt-1 text-xs text-muted">Only the pods that use the most memory are shown.</p>
      )}
      {of.reason && (
        <p className="mt-1 text-xs text-muted">
          {of.measuredPods === 0 ? "The usage of these pods is not known. " : ""}
          {of.reason}
        </p>
      )}
    </Section>
  );
}

const Head = ({ title }: { title: string }) => (
  <th scope="col" className="py-1 pr-3 text-right font-medium">
    {title} <span className="font-normal whitespace-nowrap">used · requested · limit</span>
  </th>
);

function Row({ of }: { of: PodUse }) {
  return (
    <tr className="border-b border-line">
      <th scope="row" className="max-w-48 truncate py-1 pr-3 text-left font-mono font-normal" title={of.name}>
        <Link to="/resources/$resourceId" params={{ resourceId: of.id }} className="rounded-sm text-accent underline">
          {of.name}
        </Link>
      </th>
      <Amount used={of.used?.cpuMillis} requested={of.requested.cpuMillis} limit={of.limit.cpuMillis} shown={cores} />
      <Amount used={of.used?.memoryBytes} requested={of.requested.memoryBytes} limit={of.limit.memoryBytes} shown={bytes} />
      <td className="py-1 text-right whitespace-nowrap text-muted">{of.observedAt ? <Time at={of.observedAt} /> : "not measured"}</td>
    </tr>
  );
}

interface AmountProps {
  used?: number | null;
  requested?: number | null;
  limit?: number | null;
  shown: (value: number) => string;
  /** Not all pods are in `used`. */
  isPartial?: boolean;
}

function Amount({ used, requested, limit, shown, isPartial = false }: AmountProps) {
  const of = (value: number | null | undefined, none: string) =>
    value == null ? <span className="text-muted">{none}</span> : shown(value);
  return (
    <td className="py-1 pr-3 text-right whitespace-nowrap">
      {isPartial && used != null && "at least "}
      {of(used, "–")} · {of(requested, "none")} · {of(limit, "none")}
    </td>
  );
}
