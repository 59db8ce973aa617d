// One runbook: what it does and to what, the form that runs it, and how it went lately.
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { Problem } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Badge, Chip, Empty, Facts, Failed, Loading, Mark, PageHeader, Section, Time } from "../../parts";
import { usePeople } from "../people";
import { useTitle } from "../title";
import { RunbookActions } from "./editor/actions";
import { ExecuteForm } from "./execute";
import { ExecutionTable } from "./executiontable";
import { Risk } from "./labels";
import { type Parameter, type Runbook, runbookQuery } from "./queries";
import { Chips, SuggestedFor } from "./suggested";
import { Track, trackText } from "./track";

export function RunbookDetail() {
  const { runbookId } = useParams({ strict: false }) as { runbookId: string };
  const search = useSearch({ strict: false }) as { cluster?: string; issue?: string; p?: string };
  const query = useQuery(runbookQuery(runbookId));
  const { data: me } = useQuery(meQuery);
  useTitle(query.data?.name);
  if (query.isPending)
    return (
      <>
        <PageHeader title="Runbook" />
        <Loading label="Loading runbook" />
      </>
    );
  if (!query.data)
    return query.error instanceof Problem && query.error.status === 404 ? (
      <Empty
        title="Runbook not found"
        action={
          <Link to="/runbooks" className="inline-flex h-8 items-center rounded-sm border border-control/60 bg-raised px-3 font-medium">
            All runbooks
          </Link>
        }
      >
        It may have been deleted. Its executions are kept.
      </Empty>
    ) : (
      <>
        <PageHeader title="Runbook" />
        <Failed error={query.error} what="Could not load the runbook" retry={() => void query.refetch()} />
      </>
    );
  const runbook = query.data;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader
        title={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-1 whitespace-normal">
            {runbook.name} <Risk value={runbook.risk} />
            {!runbook.enabled && <Chip>disabled</Chip>}
            {runbook.draftedBy && <Badge tone="ai">{runbook.enabled ? "Drafted by AI" : "Draft by AI"}</Badge>}
          </span>
        }
      >
        {may(me, "runbooks:write") && <RunbookActions runbook={runbook} />}
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto xl:grid xl:grid-cols-[minmax(0,1fr)_460px] xl:overflow-hidden">
        <section className="border-b border-line px-4 py-3 xl:order-2 xl:overflow-y-auto xl:border-b-0 xl:border-l">
          <h2 className="mb-3 text-sm font-semibold">Run</h2>
          <ExecuteForm
            key={`${runbook.id} ${search.issue} ${search.p}`}
            runbook={runbook}
            cluster={search.cluster}
            issueId={search.issue}
            given={search.p}
          />
        </section>
        <div tabIndex={0} role="region" aria-label="About the runbook" className="min-h-0 outline-offset-[-2px] xl:overflow-y-auto">
          <About runbook={runbook} />
          <SuggestedFor runbook={runbook} />
          <Steps runbook={runbook} />
          <Section title="Latest executions">
            {runbook.recentExecutions?.length ? (
              <div className="-mx-4">
                <ExecutionTable of={runbook.recentExecutions} label="Latest executions" withRunbook={false} />
              </div>
            ) : (
              <p className="text-muted">No executions yet.</p>
            )}
          </Section>
        </div>
      </div>
    </div>
  );
}

const minutes = (seconds: number) => (seconds % 60 === 0 && seconds >= 60 ? `${seconds / 60} min` : `${seconds} s`);

function About({ runbook }: { runbook: Runbook }) {
  const { scope } = runbook;
  const { isAlone } = usePeople();
  return (
    <Section title="About">
      <p className="mb-3 max-w-prose text-base">{runbook.description}</p>
      <Facts
        of={[
          ["Clusters", scope.clusters.length ? <Chips of={scope.clusters} /> : "all"],
          ["Namespaces", scope.namespaces.length ? <Chips of={scope.namespaces} /> : "all except system namespaces"],
          [
            "Approval",
            runbook.needsApproval
              ? `by ${isAlone ? "you, the only member" : "another member"}, within ${minutes(runbook.approval.expiresAfterSeconds)}`
              : "not required",
          ],
          ["Cooldown", runbook.cooldownSeconds ? `${minutes(runbook.cooldownSeconds)} on the same object` : null],
          [
            "Verification",
            `checks must pass for ${minutes(runbook.verify.stableSeconds)}, within ${minutes(runbook.verify.timeoutSeconds)}`,
          ],
          ["Track record", runbook.risk === "readOnly" ? null : <TrackRecord of={runbook} />],
          ["Version", `${runbook.version}, ${runbook.builtIn ? "built in" : `by ${runbook.createdBy}`}`],
          ["Drafted by", runbook.draftedBy && `the language model ${runbook.draftedBy}`],
          ["Changed", runbook.updatedAt ? <Time at={runbook.updatedAt} /> : null],
          ["Slug", <span className="font-mono text-xs">{runbook.slug}</span>],
        ]}
      />
    </Section>
  );
}

function TrackRecord({ of }: { of: Runbook }) {
  const causes = of.trackRecord?.byCause ?? [];
  return (
    <>
      <Track of={of.trackRecord} />
      {causes.length > 0 && (
        <ul aria-label="By cause">
          {causes.map((one) => (
            <li key={one.cause} className="text-xs text-muted">
              <span className="font-mono">{one.cause}</span>: {trackText(one)}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

const READS = new Set(["get", "events", "logs", "metrics", "probe"]);

function Steps({ runbook }: { runbook: Runbook }) {
  return (
    <>
      <Section title={runbook.steps.length === 1 ? "1 step" : `${runbook.steps.length} steps`}>
        <ol className="flex flex-col gap-2">
          {runbook.steps.map((step, index) => (
            <li key={index} className="rounded-md border border-line px-3 py-2">
              <p className="flex flex-wrap items-center gap-x-3">
                <span className="text-muted">{index + 1}.</span>
                <span className="font-medium">{step.name}</span>
                <Mark tone={READS.has(step.action) ? "ok" : "high"}>{READS.has(step.action) ? "reads" : "changes"}</Mark>
                <code className="font-mono text-xs text-muted">{step.action}</code>
                {step.optional && <span className="text-muted">may fail</span>}
              </p>
              <p className="mt-1 font-mono text-xs break-words text-muted">{withText(step.with)}</p>
              {step.bounds?.map((bound) => (
                <p key={bound.path} className="mt-1 text-xs">
                  {bound.path}:{" "}
                  {[bound.onlyRaise && "increase only", bound.maxFactor && `at most ${bound.maxFactor} times the current value`]
                    .filter(Boolean)
                    .join(", ")}
                </p>
              ))}
            </li>
          ))}
        </ol>
      </Section>
      <Section title="Parameters">
        {runbook.parameters.length === 0 ? (
          <p className="text-muted">None.</p>
        ) : (
          <dl className="flex flex-col divide-y divide-line">
            {runbook.parameters.map((one) => (
              <div key={one.name} className="flex flex-wrap gap-x-3 py-1.5">
                <dt className="w-32 shrink-0 font-mono text-xs leading-5">{one.name}</dt>
                <dd className="min-w-0 flex-1">
                  {one.description} <span className="text-xs text-muted">{ruleText(one)}</span>
                </dd>
              </div>
            ))}
          </dl>
        )}
      </Section>
    </>
  );
}

const withText = (values: Record<string, unknown>) =>
  Object.entries(values)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(", ");

function ruleText(one: Parameter): string {
  return [
    one.type,
    one.required ? "required" : "optional",
    one.enum && `one of ${one.enum.join(", ")}`,
    one.minimum !== undefined && `from ${one.minimum}`,
    one.maximum !== undefined && `to ${one.maximum}`,
    one.pattern && `matches ${one.pattern}`,
  ]
    .filter(Boolean)
    .join(" · ");
}
