// What can be done, and what was done lately.

import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Plus, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { isLimited, may, meQuery } from "../../api/session";
import { Badge, Button, Chip, Empty, Failed, Input, Loading, PageHeader, Section } from "../../parts";
import { ExecutionTable } from "./executiontable";
import { Risk } from "./labels";
import { executionsQuery, type Runbook, runbooksQuery } from "./queries";
import { Track } from "./track";

const RECENT = "8";

export function RunbookList() {
  const asked = useSearch({ strict: false }) as { q?: string; cluster?: string };
  const go = useNavigate();
  const [text, setText] = useState(asked.q ?? "");
  useEffect(() => {
    if (text.trim() === (asked.q ?? "")) return;
    const timer = setTimeout(
      () => void go({ to: ".", search: (before: object) => ({ ...before, q: text.trim() || undefined }), replace: true } as never),
      200,
    );
    return () => clearTimeout(timer);
  }, [text, asked.q, go]);
  const query = useQuery(runbooksQuery({ q: asked.q }));
  const { data: me } = useQuery(meQuery);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title="Runbooks">
        {!isLimited(me) && (
          <Link to="/triggers" className="inline-flex h-8 items-center rounded-sm border border-control/60 bg-raised px-3 font-medium">
            Triggers
          </Link>
        )}
        {may(me, "runbooks:write") && (
          <Button icon={<Plus aria-hidden />} onClick={() => void go({ to: "/runbooks/new" })}>
            New runbook
          </Button>
        )}
        <label className="relative w-56 max-w-full max-sm:w-full">
          <Search aria-hidden className="pointer-events-none absolute top-1/2 left-2.5 size-4 -translate-y-1/2 text-muted" />
          <Input
            type="search"
            aria-label="Filter runbooks"
            placeholder="Filter runbooks"
            maxLength={100}
            className="pl-8"
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {query.isPending ? (
          <Loading label="Loading runbooks" />
        ) : query.isLoadingError ? (
          <Failed error={query.error} what="Could not load runbooks" retry={() => void query.refetch()} />
        ) : query.data.runbooks.length === 0 ? (
          asked.q ? (
            <Empty title="No matching runbooks" action={<Button onClick={() => setText("")}>Clear filter</Button>}>
              No runbook has “{asked.q}” in its name or description.
            </Empty>
          ) : (
            <Empty title="No runbooks">A runbook is a prepared change with parameters, a dry run, an approval and a verification.</Empty>
          )
        ) : (
          <ul className="grid gap-3 p-4 md:grid-cols-2 2xl:grid-cols-3">
            {query.data.runbooks.map((one) => (
              <Card key={one.id} of={one} cluster={asked.cluster} />
            ))}
          </ul>
        )}
        {!query.isPending && <Recent cluster={asked.cluster} />}
      </div>
    </div>
  );
}

function Card({ of, cluster }: { of: Runbook; cluster: string | undefined }) {
  return (
    <li className="relative flex flex-col gap-2 rounded-md border border-line bg-raised p-4 hover:border-control">
      <div className="flex items-start justify-between gap-2">
        <h2 className="text-base font-semibold">
          <Link
            to="/runbooks/$runbookId"
            params={{ runbookId: of.slug }}
            search={{ cluster } as never}
            className="rounded-sm after:absolute after:inset-0"
          >
            {of.name}
          </Link>
        </h2>
        <Risk value={of.risk} />
      </div>
      <div className="flex-1">
        <p className="line-clamp-3 text-muted">{of.description}</p>
      </div>
      {of.risk !== "readOnly" && (
        <p>
          <Track of={of.trackRecord} />
        </p>
      )}
      <p className="flex flex-wrap gap-1">
        {!of.enabled && <Chip>disabled</Chip>}
        {of.draftedBy && <Badge tone="ai">AI</Badge>}
        <Chip>{of.builtIn ? "built in" : "yours"}</Chip>
        {of.needsApproval && <Chip>needs approval</Chip>}
        {of.match.issueTypes.slice(0, 3).map((type) => (
          <Chip key={type}>{type}</Chip>
        ))}
        {of.match.issueTypes.length > 3 && (
          <Chip title={of.match.issueTypes.slice(3).join(", ")}>{of.match.issueTypes.length - 3} more</Chip>
        )}
      </p>
    </li>
  );
}

function Recent({ cluster }: { cluster: string | undefined }) {
  const query = useQuery(executionsQuery({ cluster, pageSize: RECENT }));
  return (
    <Section
      title="Latest executions"
      actions={
        <Link to="/executions" search={{ cluster } as never} className="rounded-sm text-accent underline">
          All executions
        </Link>
      }
    >
      {query.isPending ? (
        <Loading rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load executions" retry={() => void query.refetch()} />
      ) : query.data.executions.length === 0 ? (
        <p className="text-muted">No executions yet.</p>
      ) : (
        <div className="-mx-4">
          <ExecutionTable of={query.data.executions} label="Latest executions" />
        </div>
      )}
    </Section>
  );
}
