// The versions of a runbook: who saved which and when, what differs between two, and an earlier one restored.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { may, meQuery } from "../../../api/session";
import { Button, Chip, Empty, Failed, Field, FormDialog, Loading, Options, PageHeader, Section, Select, Time, toast } from "../../../parts";
import { usePeople } from "../../people";
import { useSubmit } from "../../settings/submit";
import { useTitle } from "../../title";
import { type Runbook, runbookQuery } from "../queries";
import { change, type VersionEntry, versionQuery, versionsQuery } from "./queries";
import { TextDiff } from "./textdiff";

export function RunbookVersions() {
  const { runbookId } = useParams({ strict: false }) as { runbookId: string };
  const runbook = useQuery(runbookQuery(runbookId));
  const versions = useQuery(versionsQuery(runbookId));
  useTitle(runbook.data && `Versions of ${runbook.data.name}`);
  if (runbook.isPending || versions.isPending) return <Loading label="Loading versions" />;
  if (!runbook.data || !versions.data)
    return (
      <Failed
        error={runbook.error ?? versions.error}
        what="Could not load the versions"
        retry={() => {
          void runbook.refetch();
          void versions.refetch();
        }}
      />
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title={`Versions of ${runbook.data.name}`}>
        <Link
          to="/runbooks/$runbookId"
          params={{ runbookId: runbook.data.slug }}
          className="inline-flex h-8 items-center rounded-sm border border-control/60 bg-raised px-3 font-medium hover:bg-hover pointer-coarse:h-11"
        >
          Back to the runbook
        </Link>
      </PageHeader>
      <div className="min-h-0 flex-1 overflow-y-auto">
        {versions.data.versions.length < 2 ? (
          <Empty title="One version so far">Each saved change creates a new version. The 100 newest are kept.</Empty>
        ) : (
          <Compare runbook={runbook.data} versions={versions.data.versions} />
        )}
        <List runbook={runbook.data} versions={versions.data.versions} />
      </div>
    </div>
  );
}

function Compare({ runbook, versions }: { runbook: Runbook; versions: VersionEntry[] }) {
  const search = useSearch({ strict: false }) as { from?: string; to?: string };
  const go = useNavigate();
  const known = (text: string | undefined, otherwise: number) =>
    versions.some((one) => String(one.version) === text) ? Number(text) : otherwise;
  const from = known(search.from, versions[1]!.version);
  const to = known(search.to, versions[0]!.version);
  const before = useQuery(versionQuery(runbook.id, from));
  const after = useQuery(versionQuery(runbook.id, to));
  const choose = (name: "from" | "to", value: string) =>
    void go({ to: ".", search: (now: object) => ({ ...now, [name]: value }), replace: true } as never);
  const error = before.error ?? after.error;
  return (
    <Section title="Compare">
      <div className="mb-3 flex flex-wrap gap-3">
        {(["from", "to"] as const).map((name) => (
          <Field key={name} label={name === "from" ? "Before" : "After"}>
            {(ids) => (
              <Select {...ids} className="w-56" value={name === "from" ? from : to} onChange={(event) => choose(name, event.target.value)}>
                <Options of={versions.map((one) => [one.version, `Version ${one.version}${one.current ? " (current)" : ""}`])} />
              </Select>
            )}
          </Field>
        ))}
      </div>
      {before.data && after.data ? (
        <TextDiff before={before.data.source} after={after.data.source} label={`Changes from version ${from} to version ${to}`} />
      ) : error ? (
        <Failed
          error={error}
          what="Could not load the definitions"
          retry={() => {
            void before.refetch();
            void after.refetch();
          }}
        />
      ) : (
        <Loading rows={4} />
      )}
    </Section>
  );
}

function List({ runbook, versions }: { runbook: Runbook; versions: VersionEntry[] }) {
  const { data: me } = useQuery(meQuery);
  const people = usePeople();
  const [restoring, restore] = useState<number | null>(null);
  return (
    <Section title="All versions">
      <ul aria-label="Versions" className="flex flex-col divide-y divide-line">
        {versions.map((one) => (
          <li key={one.version} className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 py-1">
            <span className="font-medium">Version {one.version}</span>
            {one.current && <Chip>current</Chip>}
            <span className="min-w-0 flex-1 break-words text-muted">
              {one.createdBy === "system" ? "built in" : `by ${people.name(one.createdBy) ?? one.createdBy}`}{" "}
              {one.createdAt && <Time at={one.createdAt} />}
            </span>
            {!one.current && may(me, "runbooks:write") && (
              <Button small onClick={() => restore(one.version)}>
                Restore<span className="sr-only"> version {one.version}</span>
              </Button>
            )}
          </li>
        ))}
      </ul>
      {restoring !== null && <Restore runbook={runbook} version={restoring} onClose={() => restore(null)} />}
    </Section>
  );
}

function Restore({ runbook, version, onClose }: { runbook: Runbook; version: number; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const earlier = useQuery(versionQuery(runbook.id, version));
  const client = useQueryClient();
  const restore = () =>
    submit(async () => {
      try {
        const restored = await change(runbook.id, { restoreVersion: version }, runbook.revision);
        toast(`Restored version ${version} as version ${restored.version}`);
        onClose();
      } finally {
        void client.invalidateQueries({ predicate: (query) => ["runbooks", "runbook"].includes(String(query.queryKey[0])) });
      }
    });
  return (
    <FormDialog
      wide
      onClose={onClose}
      title={`Restore version ${version}?`}
      description="Creates a new version with this text. Running executions keep the version that they started with."
      submit="Restore"
      back="Back"
      isBusy={isBusy}
      disabled={!earlier.data}
      error={errors.form ?? earlier.error?.message}
      onSubmit={restore}
    >
      {earlier.data ? (
        <TextDiff before={runbook.source ?? ""} after={earlier.data.source} label="Changes made by restoring" />
      ) : (
        !earlier.error && <Loading rows={3} />
      )}
    </FormDialog>
  );
}
