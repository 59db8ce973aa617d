// The pull request that carries the change of an execution: how far it is, and its files beside what the dry run says.

import { useQueryClient } from "@tanstack/react-query";
import { GitPullRequest } from "lucide-react";
import { useState } from "react";
import { freshKey } from "../../api/client";
import { Button, cx, FormError, Mark, Section, Time, type Tone } from "../../parts";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { PlanView } from "./plan";
import { decide, type Execution, isFinal, type Plan } from "./queries";

type State = NonNullable<Execution["pullRequest"]>["state"];

const STATES: Record<State, [tone: Tone, word: string]> = {
  opening: ["info", "Opening"],
  open: ["medium", "Waiting for merge"],
  merged: ["medium", "Merged, waiting for sync"],
  synced: ["ok", "Merged and applied"],
  closed: ["info", "Closed"],
  failed: ["critical", "Failed"],
  closing: ["info", "Closing"],
  leftOpen: ["info", "Left open"],
};

/** Whether Argo CD or Flux applies what a plan changes, and so reverts a change of the cluster at its next sync. */
export const isSynced = (plan: Plan | null | undefined) => !!plan?.managers.some(({ kind }) => kind === "argocd" || kind === "flux");

/** Whether Argo CD or Flux applies what a plan changes, from a repository that is known. */
export const hasRepository = (plan: Plan | null | undefined) =>
  !!plan?.managers.some((one) => (one.kind === "argocd" || one.kind === "flux") && one.source?.repository);

/** Only addresses of the web: the text comes from a forge. */
const linkOf = (url: string | undefined) => (url && /^https?:\/\//.test(url) ? url : undefined);

export function PullRequest({ execution }: { execution: Execution }) {
  const found = execution.pullRequest;
  if (!execution.byPullRequest || !found) return null;
  const [tone, word] = STATES[found.state];
  const url = linkOf(found.url);
  return (
    <Section title="Pull request">
      <div className="flex flex-col gap-3">
        <p role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <Mark tone={tone}>{word}</Mark>
          {url && (
            <a href={url} target="_blank" rel="noreferrer" className="rounded-sm break-all text-accent underline">
              {found.repository} #{found.number}
            </a>
          )}
          {!url && found.repository && <span className="font-mono text-xs break-all">{found.repository}</span>}
          {found.expiresAt && !isFinal(execution.status) && found.state !== "opening" && (
            <span className="text-muted">
              stops waiting <Time at={found.expiresAt} />
            </span>
          )}
        </p>
        {found.branch && (
          <p className="text-muted">
            From <span className="font-mono text-xs break-all">{found.branch}</span>
            {found.base && (
              <>
                {" "}
                into <span className="font-mono text-xs break-words">{found.base}</span>
              </>
            )}
            {found.mergeCommit && (
              <>
                , merged as <span className="font-mono text-xs">{found.mergeCommit.slice(0, 12)}</span>
              </>
            )}
          </p>
        )}
        {found.message && <p className={cx("break-words", found.code ? "text-critical" : "text-muted")}>{found.message}</p>}
        {found.notes?.map((note) => (
          <p key={note} className="break-words text-medium">
            {note}
          </p>
        ))}
        <div className="grid gap-4 xl:grid-cols-2">
          {found.patch && (
            <div className="min-w-0">
              <h4 className="mb-1 text-xs font-medium text-muted">File changes</h4>
              <Patch text={found.patch} />
            </div>
          )}
          {execution.plan && (
            <div className="min-w-0">
              <h4 className="mb-1 text-xs font-medium text-muted">API server dry run</h4>
              <PlanView plan={{ ...execution.plan, managers: [] }} />
            </div>
          )}
        </div>
      </div>
    </Section>
  );
}

/** A patch as text, its lines marked. */
function Patch({ text }: { text: string }) {
  return (
    <section
      aria-label="Patch"
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line py-1 font-mono text-xs whitespace-pre"
    >
      {text
        .trimEnd()
        .split("\n")
        .map((line, index) => (
          <span key={index} className={cx("block min-w-max px-3", toneOf(line))}>
            {line || " "}
          </span>
        ))}
    </section>
  );
}

function toneOf(line: string): string {
  if (line.startsWith("+++") || line.startsWith("---") || line.startsWith("@@")) return "text-muted";
  return line.startsWith("+") ? "bg-ok-tint text-ok" : line.startsWith("-") ? "bg-critical-tint text-critical" : "";
}

interface ProposeProps {
  execution: Execution;
  isBlocked?: boolean;
  kind?: "primary";
  onStarted: (id: string) => void;
}

/** Starts the same as a pull request. */
export function ProposeButton({ execution, isBlocked, kind, onStarted }: ProposeProps) {
  const [isBusy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const [sheet, confirmed] = useConfirmed();
  const client = useQueryClient();
  const propose = async () => {
    setBusy(true);
    setMessage(null);
    try {
      const created = await confirmed(() => decide(execution.id, "propose", {}, freshKey()));
      void client.invalidateQueries({ queryKey: ["executions"] });
      onStarted(created.id);
    } catch (error) {
      if (!isWithdrawn(error)) setMessage((error as Error).message);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button kind={kind} icon={<GitPullRequest aria-hidden />} busy={isBusy} disabled={isBlocked} onClick={() => void propose()}>
        Open a pull request
      </Button>
      {message && (
        <div className="basis-full">
          <FormError>{message}</FormError>
        </div>
      )}
      {sheet}
    </>
  );
}
