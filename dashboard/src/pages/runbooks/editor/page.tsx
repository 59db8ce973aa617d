// Writing a runbook: the text with completion, what the server says about it, and saving it without losing anybody's work.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useBlocker, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useEffect, useMemo, useRef, useState } from "react";
import { freshKey, Problem, send } from "../../../api/client";
import { isPassing } from "../../../api/problem";
import { may, meQuery } from "../../../api/session";
import { Button, Dialog, Empty, Failed, FormError, Loading, Mark, PageHeader, Time, toast } from "../../../parts";
import { useTitle } from "../../title";
import { type Runbook, runbookQuery } from "../queries";
import { type Check, mistakesOf, useCheck } from "./checking";
import { Conflict } from "./conflict";
import { draftKey, dropDraft, keepDraft, readDraft } from "./drafts";
import { change, create, type Mistake, schemaQuery } from "./queries";
import YamlEditor, { type Handle } from "./yamleditor";

const TEMPLATE = `slug: restart-web
name: Restart a workload
description: Replaces the pods of the workload that an issue is about.
risk: low
match:
  issueTypes: [CrashLoopBackOff]
parameters:
  - name: name
    type: string
    required: true
    default: \${target.name}
steps:
  - name: Restart
    action: restart
    with:
      kind: Deployment
      namespace: \${target.namespace}
      name: \${parameters.name}
`;

/** `/runbooks/new`, `/runbooks/new?from=SLUG` for a copy, and `/runbooks/SLUG/edit`. */
export function RunbookEditor() {
  const { runbookId } = useParams({ strict: false }) as { runbookId?: string };
  const { from } = useSearch({ strict: false }) as { from?: string };
  const { data: me } = useQuery(meQuery);
  const go = useNavigate();
  const source = runbookId ?? from;
  const found = useQuery({ ...runbookQuery(source ?? ""), enabled: !!source, staleTime: 0 });
  // What the text was based on stays, whatever is read later: that is how a change of somebody else is noticed.
  const [based, setBased] = useState<{ id: string | undefined; runbook: Runbook } | null>(null);
  const fresh = found.data && !found.isFetching ? found.data : undefined;
  const base = based && based.id === source ? based.runbook : undefined;
  useEffect(() => {
    if (fresh && !base) setBased({ id: source, runbook: fresh });
  }, [fresh, base, source]);
  useTitle(runbookId ? `Edit ${base?.name ?? "runbook"}` : "New runbook");
  if (me && !may(me, "runbooks:write"))
    return <Empty title="Your role cannot edit runbooks">This requires the scope runbooks:write, which admins and owners have.</Empty>;
  if (!me || (source && !base && !found.isLoadingError)) return <Loading label="Loading runbook" />;
  if (source && !base)
    return found.error instanceof Problem && found.error.status === 404 ? (
      <Empty title="Runbook not found">It may have been deleted.</Empty>
    ) : (
      <Failed error={found.error} what="Could not load the runbook" retry={() => void found.refetch()} />
    );
  if (runbookId && base?.builtIn)
    return (
      <Empty
        title="Built-in runbooks are read-only"
        action={<Button onClick={() => void go({ to: "/runbooks/new", search: { from: base.slug } })}>Duplicate</Button>}
      >
        Duplicate the runbook and change the copy.
      </Empty>
    );
  const start = !base ? TEMPLATE : runbookId ? (base.source ?? "") : copyOf(base.source ?? "", base.slug);
  const owner = `${me.organisation.id}.${me.actor.id}`;
  return (
    <Editor
      key={source ?? "new"}
      runbook={runbookId ? base : undefined}
      start={start}
      draft={draftKey(owner, source ? (runbookId ? base!.id : `copy of ${base!.id}`) : "new")}
    />
  );
}

/** The text of a built-in runbook under another slug, since slugs are unique. */
export const copyOf = (source: string, slug: string) =>
  source
    .replace(/^slug: .*$/m, `slug: ${slug.slice(0, 54)}-copy`)
    .replace(/^name: (["']?)(.*?)\1$/m, (_, quote: string, name: string) => `name: ${quote}${name} (copy)${quote}`);

function Editor({ runbook, start, draft }: { runbook: Runbook | undefined; start: string; draft: string }) {
  const kept = useMemo(() => readDraft(draft), [draft]);
  // A draft of an earlier revision is based on a text that is no longer known; saving it compares it with the present one.
  const isBehind = !!kept && !!runbook && kept.revision !== runbook.revision;
  const [base, setBase] = useState<{ text: string | null; revision: number }>({
    text: isBehind ? null : start,
    revision: isBehind ? kept.revision : (runbook?.revision ?? 0),
  });
  const [text, setText] = useState(kept?.text ?? start);
  const [isRestored, setRestored] = useState(!!kept && kept.text !== start);
  const [isStored, setStored] = useState(true);
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const [theirs, setTheirs] = useState<Runbook | null>(null);
  const [key, setKey] = useState(freshKey);
  const handle = useRef<Handle | null>(null);
  const isLeaving = useRef(false);
  const { data: schema } = useQuery(schemaQuery);
  const [check, setMistakes] = useCheck(text, true);
  const client = useQueryClient();
  const go = useNavigate();
  const isChanged = text !== base.text;
  const blocked = reasonNotToSave(check, text, !!runbook && !isChanged);
  const typed = (next: string) => {
    setText(next);
    setError(null);
    if (next === base.text) dropDraft(draft);
    else setStored(keepDraft(draft, next, base.revision));
  };
  const blocker = useBlocker({
    shouldBlockFn: () => isChanged && !isLeaving.current,
    enableBeforeUnload: () => isChanged && !isLeaving.current,
    withResolver: true,
  });
  const saved = (one: Runbook) => {
    isLeaving.current = true;
    dropDraft(draft);
    void client.invalidateQueries({ predicate: (query) => ["runbooks", "runbook"].includes(String(query.queryKey[0])) });
    toast(`Saved ${one.name} as version ${one.version}`);
    void go({ to: "/runbooks/$runbookId", params: { runbookId: one.slug } });
  };
  const save = async (revision = base.revision): Promise<void> => {
    if (isBusy || blocked) return;
    setBusy(true);
    setError(null);
    try {
      saved(runbook ? await change(runbook.id, { source: text }, revision) : await create(text, key));
    } catch (problem) {
      setKey(freshKey());
      if (problem instanceof Problem && problem.status === 412 && runbook) await compare(runbook.id, revision);
      else if (problem instanceof Problem && problem.code === "invalid_runbook") setMistakes(mistakesOf(problem));
      else setError(problem as Error);
    } finally {
      setBusy(false);
    }
  };
  const compare = async (id: string, tried: number) => {
    try {
      const present = await send<Runbook>("GET", `/v1/runbooks/${encodeURIComponent(id)}`);
      // Only switched on or off meanwhile: there is no other text to compare with.
      if (present.source === base.text && present.revision !== tried && runbook)
        saved(await change(runbook.id, { source: text }, present.revision));
      else setTheirs(present);
    } catch (problem) {
      setError(problem as Error);
    }
  };
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <PageHeader title={runbook ? `Edit ${runbook.name}` : "New runbook"}>
        <Status check={check} text={text} />
        <Button
          onClick={() => void go(runbook ? { to: "/runbooks/$runbookId", params: { runbookId: runbook.slug } } : { to: "/runbooks" })}
        >
          Cancel
        </Button>
        <Button
          kind="primary"
          busy={isBusy}
          disabled={!!blocked}
          title={blocked ?? "Ctrl-S"}
          aria-describedby={blocked ? "not-saved" : undefined}
          onClick={() => void save()}
        >
          Save
        </Button>
      </PageHeader>
      {isRestored && kept && (
        <p
          role="status"
          className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-medium-tint px-4 py-1.5 text-medium"
        >
          <span className="min-w-0 flex-1">
            Your unsaved text from <Time at={new Date(kept.at).toISOString()} /> was restored.
          </span>
          <Button
            small
            onClick={() => {
              setRestored(false);
              setBase({ text: start, revision: runbook?.revision ?? 0 });
              handle.current?.replace(start);
              dropDraft(draft);
            }}
          >
            Discard it
          </Button>
        </p>
      )}
      {!isStored && (
        <p role="status" className="border-b border-line bg-medium-tint px-4 py-1.5 text-medium">
          This browser does not allow drafts. Save before you close the tab.
        </p>
      )}
      {error && (
        <div className="px-4 pt-3">
          <FormError>{error.message}</FormError>
        </div>
      )}
      <div className="flex min-h-64 flex-1 flex-col">
        <YamlEditor start={text} schema={schema} mistakes={check.mistakes} handle={handle} onChange={typed} onSave={() => void save()} />
      </div>
      <Problems mistakes={check.mistakes} blocked={blocked} onShow={(line) => handle.current?.show(line)} />
      {blocker.status === "blocked" && (
        <Leave
          onStay={blocker.reset}
          onLeave={(isKept) => {
            if (!isKept) dropDraft(draft);
            blocker.proceed();
          }}
        />
      )}
      {theirs && runbook && (
        <Conflict
          mine={text}
          theirs={theirs}
          isInvalid={!!blocked}
          onClose={() => setTheirs(null)}
          onTheirs={() => {
            setBase({ text: theirs.source ?? "", revision: theirs.revision });
            handle.current?.replace(theirs.source ?? "");
            dropDraft(draft);
            setTheirs(null);
          }}
          onMine={() => {
            setTheirs(null);
            void save(theirs.revision);
          }}
        />
      )}
    </div>
  );
}

/** Why the text cannot be saved now; null if it can. */
export function reasonNotToSave(check: Check, text: string, isUnchanged: boolean): string | null {
  if (isUnchanged) return "There is nothing to save.";
  if (check.error && isPassing(check.error)) return "Cannot reach the server. Your text is kept in this browser.";
  if (check.text === text && check.error) return check.error.message;
  if (!check.mistakes.length) return null;
  return check.mistakes.length === 1 ? "Fix the problem below to save." : `Fix the ${check.mistakes.length} problems below to save.`;
}

function Status({ check, text }: { check: Check; text: string }) {
  const [tone, word] = check.error
    ? (["medium", "Not checked"] as const)
    : check.text !== text
      ? (["info", "Checking…"] as const)
      : check.mistakes.length
        ? (["critical", check.mistakes.length === 1 ? "1 problem" : `${check.mistakes.length} problems`] as const)
        : (["ok", "Valid"] as const);
  return (
    <span role="status" className="min-w-24">
      <Mark tone={tone}>{word}</Mark>
    </span>
  );
}

function Problems({ mistakes, blocked, onShow }: { mistakes: Mistake[]; blocked: string | null; onShow: (line: number) => void }) {
  return (
    <section aria-label="Problems" className="max-h-[38dvh] overflow-y-auto border-t border-line px-4 py-2">
      {blocked && (
        <p id="not-saved" className="mb-1">
          {blocked}
        </p>
      )}
      <ul className="flex flex-col">
        {mistakes.map((one, index) => (
          <li key={index}>
            <button
              type="button"
              className="flex w-full gap-3 rounded-sm px-1 py-1 text-left hover:bg-hover pointer-coarse:min-h-11"
              onClick={() => onShow(one.line ?? 1)}
            >
              <span className="shrink-0 text-muted">{one.line ? `Line ${one.line}` : "Runbook"}</span>
              <span className="min-w-0 break-words">
                {one.field && <span className="font-mono text-xs">{one.field} </span>}
                {one.message}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="text-xs text-muted">
        Ctrl-Space completes keys and values. Tab indents; press Esc, then Tab to leave the text. Ctrl-S saves.
      </p>
    </section>
  );
}

function Leave({ onStay, onLeave }: { onStay: () => void; onLeave: (isKept: boolean) => void }) {
  return (
    <Dialog
      open
      onClose={onStay}
      title="Leave without saving?"
      description="You can keep the text as a draft in this browser. It is restored when you open the editor again."
      footer={
        <>
          <Button onClick={onStay}>Stay</Button>
          <Button kind="danger" onClick={() => onLeave(false)}>
            Discard changes
          </Button>
          <Button kind="primary" onClick={() => onLeave(true)}>
            Keep draft and leave
          </Button>
        </>
      }
    />
  );
}
