// What the plan allows, how much of it is left, and how a program reads that.
import { useQuery } from "@tanstack/react-query";
import { CodeBlock, Facts, Failed, Loading, Section, Time } from "../../parts";
import { capitalize } from "../../parts/casing";
import { planQuery } from "./queries";

const HEADERS = `X-RateLimit-Limit: 600        requests per minute
X-RateLimit-Remaining: 598    left in this minute
X-RateLimit-Reset: 1764041400 when the next minute starts, as a Unix timestamp`;

export function PlanTab() {
  const query = useQuery(planQuery);
  if (query.isPending) return <Loading rows={3} />;
  if (query.isLoadingError) return <Failed error={query.error} what="Could not load the plan" retry={() => void query.refetch()} />;
  const { plan, requestsPerMinute, limit, remaining, resetAt } = query.data;
  return (
    <>
      <Section title="Plan">
        <Facts
          of={[
            ["Plan", <span className="font-medium">{capitalize(plan)}</span>],
            ["API keys", `${requestsPerMinute.toLocaleString()} requests per minute for all keys`],
            [
              "This browser",
              limit === null ? null : (
                <>
                  {(remaining ?? limit).toLocaleString()} of {limit.toLocaleString()} left in this minute
                  {resetAt && (
                    <>
                      , resets <Time at={resetAt} />
                    </>
                  )}
                </>
              ),
            ],
          ]}
        />
        <p className="mt-3 max-w-prose text-muted">
          Browser sessions have a separate limit, so using this dashboard does not reduce the limit of your API keys. The plan is configured
          on the server.
        </p>
      </Section>
      <Section title="Response headers">
        <p className="mb-2 max-w-prose">
          Every response reports the remaining requests. Over the limit, the server returns 429 with Retry-After in seconds.
        </p>
        <CodeBlock text={HEADERS} label="rate limit headers" />
      </Section>
    </>
  );
}
