// What the plan allows, how much of it is left, and how a program reads that.
import { useQuery } from "@tanstack/react-query";
import { CodeBlock, Facts, Failed, Loading, Section, Time } from "../../parts";
import { planQuery } from "./queries";

const HEADERS = `X-RateLimit-Limit: 600        requests in a minute
X-RateLimit-Remaining: 598    left in this minute
X-RateLimit-Reset: 1764041400 when the next one begins, in seconds since 1970`;

export function PlanTab() {
  const query = useQuery(planQuery);
  if (query.isPending) return <Loading rows={3} />;
  if (query.isError) return <Failed error={query.error} what="The plan could not be loaded" retry={() => void query.refetch()} />;
  const { plan, requestsPerMinute, limit, remaining, resetAt } = query.data;
  return (
    <>
      <Section title="Plan">
        <Facts
          of={[
            ["Plan", <span className="font-medium">{plan.charAt(0).toUpperCase() + plan.slice(1)}</span>],
            ["API keys", `${requestsPerMinute.toLocaleString()} requests a minute, together`],
            [
              "This browser",
              limit === null ? null : (
                <>
                  {(remaining ?? limit).toLocaleString()} of {limit.toLocaleString()} left in this minute
                  {resetAt && (
                    <>
                      , anew <Time at={resetAt} />
                    </>
                  )}
                </>
              ),
            ],
          ]}
        />
        <p className="mt-3 max-w-prose text-muted">Browsers have a count of their own, so looking at this dashboard takes nothing from your programs. The plan is set where the server is configured.</p>
      </Section>
      <Section title="What a program sees">
        <p className="mb-2 max-w-prose">Every answer says how much is left. Over the limit the answer is 429 with Retry-After in seconds.</p>
        <CodeBlock text={HEADERS} label="rate limit headers" />
      </Section>
    </>
  );
}
