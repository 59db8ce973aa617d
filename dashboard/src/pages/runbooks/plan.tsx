// A plan: what would change, as the API server of the cluster itself worked it out.
import { TriangleAlert } from "lucide-react";
import { CodeBlock, FormError } from "../../parts";
import { Diff } from "../resources/diff";
import { targetText } from "./labels";
import type { Execution, Plan } from "./queries";

const MANAGERS: Record<string, string> = {
  argocd: "Argo CD",
  flux: "Flux",
  helm: "Helm",
  operator: "An operator",
  hpa: "A HorizontalPodAutoscaler",
};

type Missing = NonNullable<Plan["missingPermissions"]>[number];

const permissionText = (one: { verb: string; resource: string; namespace?: string | null }) =>
  `${one.verb} ${one.resource}${one.namespace ? ` in ${one.namespace}` : ""}`;

/** A value as YAML on one line, such as {verbs: [patch]}. */
export function yamlOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(yamlOf).join(", ")}]`;
  if (value && typeof value === "object")
    return `{${Object.entries(value)
      .map(([name, one]) => `${name}: ${yamlOf(one)}`)
      .join(", ")}}`;
  return value === "" ? '""' : String(value);
}

/** What the agent is not allowed to do, and what would allow it: a rule of its role, or values of its chart. */
function MissingPermissions({ of: missing }: { of: Missing[] }) {
  return (
    <section aria-label="Missing permissions" className="flex flex-col gap-2 rounded-md bg-critical-tint px-3 py-2">
      <p className="text-critical">The agent lacks permissions for this plan. Grant them in the cluster, then create the plan again.</p>
      <ul className="flex flex-col gap-3">
        {missing.map((one, index) => (
          <li key={index} className="flex min-w-0 flex-col gap-1">
            <p className="break-words">
              {one.step}: <span className="font-mono text-xs">{permissionText(one)}</span>
              {!one.namespace && " in the whole cluster"}
            </p>
            <p className="text-xs text-muted">
              Rule for a {one.role} of the agent{one.namespace && ` in ${one.namespace}`}
            </p>
            <CodeBlock text={yamlOf(one.rule)} label={`rule for ${permissionText(one)}`} wrap />
            <p className="text-xs text-muted">Or values for the optral-agent chart</p>
            <CodeBlock text={yamlOf(one.chartValues)} label={`chart values for ${permissionText(one)}`} wrap />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the agent must be allowed for the plan. A dry run needs the same, so a complete plan shows that it is allowed. */
export function PermissionText({ plan }: { plan: Plan }) {
  const needed = plan.steps.flatMap((step) => step.permissions ?? []);
  const shown = needed.map(permissionText);
  if (!shown.length || plan.missingPermissions?.length) return null;
  return (
    <p className="text-muted">
      Permission: <span className="font-mono text-xs">{[...new Set(shown)].join(", ")}</span>, which the agent has.
    </p>
  );
}

type Impact = NonNullable<Plan["impact"]>["steps"][number];

function ImpactLines({ of: one }: { of: Impact }) {
  return (
    <div className="mt-1 text-muted empty:hidden">
      {one.budgets.length > 0 && <p className="break-words">PodDisruptionBudgets: {one.budgets.join(", ")}</p>}
      {one.dependents.length > 0 && <p className="break-words">Dependents: {one.dependents.join(", ")}</p>}
    </div>
  );
}

/** Why there is no plan. Where permissions are missing, the plan itself says which. */
export function PlanFailure({ of: execution }: { of: Execution }) {
  if (execution.plan?.missingPermissions?.length) return <PlanView plan={execution.plan} />;
  return <FormError>{execution.failure?.message ?? "The cluster could not plan this change."}</FormError>;
}

export function PlanView({ plan }: { plan: Plan }) {
  const writes = plan.steps.filter((step) => step.isWrite);
  const missing = plan.missingPermissions ?? [];
  const denied = new Set(missing.map((one) => one.step));
  return (
    <div className="flex flex-col gap-3">
      {missing.length > 0 && <MissingPermissions of={missing} />}
      {plan.managers.length > 0 && (
        <ul className="flex flex-col gap-1 rounded-md bg-medium-tint px-3 py-2 text-medium">
          {plan.managers.map((one, index) => (
            <li key={index} className="flex items-start gap-2">
              <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
              <span className="min-w-0">
                {MANAGERS[one.kind] ?? one.kind} {one.name && `(${one.name})`} manages this object
                {one.kind === "argocd" || one.kind === "flux"
                  ? "; a change in the cluster will be reverted at the next sync."
                  : " and may revert the change."}
                {one.source?.repository && (
                  <span className="block font-mono text-xs break-all">
                    {one.source.repository} {one.source.path}
                  </span>
                )}
              </span>
            </li>
          ))}
        </ul>
      )}
      {writes.map((step, index) => {
        const impact = plan.impact?.steps.find((one) => one.step === step.name);
        const diff = plan.diff.filter((change) => change.step === step.name);
        return (
          <div key={index}>
            <p className="mb-1 font-medium break-words">{step.summary ?? `${step.name}: ${targetText(step.object)}`}</p>
            {denied.has(step.name) ? (
              <p>The effect is unknown: the agent is not allowed to run the dry run.</p>
            ) : diff.length ? (
              <Diff changes={diff} label={`Changes to ${step.name}`} />
            ) : (
              <p>{step.verb === "deletePod" ? "The pod is deleted." : "No changes: the object already has these values."}</p>
            )}
            {impact && <ImpactLines of={impact} />}
          </div>
        );
      })}
      {writes.length > 0 && writes.length < plan.steps.length && (
        <p className="text-muted">
          Not part of the dry run:{" "}
          {plan.steps
            .filter((step) => !step.isWrite)
            .map((step) => `${step.name} (${step.verb})`)
            .join(", ")}
          .
        </p>
      )}
      {writes.length === 0 && (
        <p>
          Read-only: nothing changes{" "}
          {plan.steps
            .map((step) => targetText(step.object))
            .filter((one, at, all) => all.indexOf(one) === at)
            .join(", ")}
          .
        </p>
      )}
    </div>
  );
}
