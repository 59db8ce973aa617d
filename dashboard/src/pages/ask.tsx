// A question about an issue or a cluster in words, and the answer with the evidence it rests on. Only what the person asks is sent, and nothing is changed.
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { type Schemas, send } from "../api/client";
import { Badge, Button, CodeBlock, Failed, Form, Input, Section, Spinner } from "../parts";
import { Coverage, coverageQuery } from "./coverage";
import { EvidenceText } from "./issues/analysis";
import { CiteButton, Prose } from "./issues/claims";

type Answer = Schemas["QuestionAnswer"];
type About = { cluster: string; issueId: string; clusterId?: undefined } | { cluster: string; clusterId: string; issueId?: undefined };

const COMMON = [
  "Why does this happen?",
  "What changed?",
  "Since when?",
  "Who else is affected?",
  "What would the fix change?",
  "What was looked at?",
];
const OF_ISSUE = "Is it only this node?";
const ASK_INSTEAD = "Ask one of these:";
const MOST_CHARACTERS = 300;

export function Ask(about: About) {
  const [question, setQuestion] = useState("");
  const [state, setState] = useState<{ asked?: string; answer?: Answer; error?: unknown }>({});
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  const isBusy = !!state.asked && !state.answer && !state.error;
  const ask = async (asked: string) => {
    if (!asked.trim()) return;
    running.current?.abort();
    const now = new AbortController();
    running.current = now;
    setQuestion(asked);
    setState({ asked });
    const path = about.issueId ? `/v1/issues/${about.issueId}/questions` : `/v1/clusters/${about.clusterId}/questions`;
    try {
      const answer = await send<Answer>("POST", path, { body: { question: asked.trim() }, signal: now.signal });
      setState({ asked, answer });
    } catch (error) {
      if (!now.signal.aborted) setState({ asked, error });
    }
  };
  return (
    <Section id="ask" title="Ask" tone={state.answer?.model ? "ai" : undefined}>
      <Form onSubmit={() => void ask(question)} isBusy={isBusy} className="gap-2">
        <div className="flex gap-2">
          <Input
            aria-label={about.issueId ? "Question about this issue" : "Question about this cluster"}
            placeholder="What changed?"
            value={question}
            maxLength={MOST_CHARACTERS}
            onChange={(event) => setQuestion(event.target.value)}
            className="min-w-0 flex-1"
          />
          <Button type="submit" busy={isBusy} disabled={!question.trim()}>
            Ask
          </Button>
        </div>
        <ul aria-label="Suggested questions" className="flex flex-wrap gap-1.5">
          {(about.issueId ? [...COMMON, OF_ISSUE] : COMMON).map((one) => (
            <li key={one}>
              <Button small disabled={isBusy} onClick={() => void ask(one)}>
                {one}
              </Button>
            </li>
          ))}
        </ul>
      </Form>
      <div aria-live="polite" aria-busy={isBusy}>
        {isBusy && (
          <p className="mt-3 flex items-center gap-2 text-muted">
            <Spinner /> Reading the evidence…
          </p>
        )}
        {state.answer && <AnswerText of={state.answer} cluster={about.cluster} clusterId={about.clusterId} />}
      </div>
      {!!state.error && <Failed error={state.error} what="Could not answer the question" retry={() => void ask(state.asked ?? "")} />}
    </Section>
  );
}

function AnswerText({ of: answer, cluster, clusterId }: { of: Answer; cluster: string; clusterId: string | undefined }) {
  const isKnown = !!answer.intent;
  const suggested = answer.notes.indexOf(ASK_INSTEAD);
  const notes = isKnown ? (suggested < 0 ? answer.notes : answer.notes.slice(0, suggested)) : [];
  const numbers = new Map(answer.evidence.map((one, index) => [one.id, index + 1]));
  const box = useRef<HTMLDetailsElement>(null);
  const show = (number: number) => {
    if (box.current) box.current.open = true;
    box.current?.querySelectorAll<HTMLElement>("li")[number - 1]?.focus();
  };
  return (
    <div className="mt-3 grid gap-2">
      {!isKnown && (
        <p>
          The questions above are answered from evidence. Any other question needs an open issue, and a language model that is switched on (
          <Link to="/settings/$tab" params={{ tab: "analysis" }} className="text-accent underline">
            Settings → Analysis
          </Link>
          ).
        </p>
      )}
      {answer.sentences.length > 0 && (
        <ul className="grid gap-1.5">
          {answer.sentences.map((one, index) => (
            <li key={index} className="break-words">
              <Prose>{one.text}</Prose>
              {one.evidenceIds.map((id) => (
                <Source key={id} id={id} number={numbers.get(id)} place={placeOf(id, one.evidenceIds)} show={show} />
              ))}
            </li>
          ))}
        </ul>
      )}
      {answer.query && <Query of={answer.query} list={answer.list} cluster={cluster} />}
      {notes.map((one) => (
        <p key={one} className="break-words text-muted">
          {one}
        </p>
      ))}
      {answer.evidence.length > 0 && (
        <details ref={box} className="text-xs text-muted">
          <summary className="cursor-pointer">Evidence of this answer ({answer.evidence.length})</summary>
          <ol className="mt-1 grid gap-1">
            {answer.evidence.map((one, index) => (
              <li key={one.id} tabIndex={-1} className="flex gap-3 rounded-sm focus:bg-selected">
                <span className="w-5 shrink-0 text-right leading-5">{index + 1}</span>
                <EvidenceText cluster={cluster} of={one} />
              </li>
            ))}
          </ol>
        </details>
      )}
      <div className="flex flex-wrap items-center gap-x-3 text-xs text-muted">
        {answer.model && (
          <span className="flex items-center gap-1.5">
            <Badge tone="ai">AI</Badge> {answer.model}, checked against the evidence
          </span>
        )}
        {isKnown && <CoverageOf cluster={clusterId ?? cluster} />}
      </div>
    </div>
  );
}

function CoverageOf({ cluster }: { cluster: string }) {
  const found = useQuery(coverageQuery({ cluster }));
  return found.data ? <Coverage of={found.data} scope={{ cluster }} /> : null;
}

/** " 2": the second of several issues or objects of a sentence. */
function placeOf(id: string, all: string[]): string {
  const alike = all.filter((one) => one.slice(0, 4) === id.slice(0, 4));
  return alike.length > 1 ? ` ${alike.indexOf(id) + 1}` : "";
}

/** What a sentence rests on: evidence by its number in the list below, and issues and objects by links. */
function Source({ id, number, place, show }: { id: string; number: number | undefined; place: string; show: (number: number) => void }) {
  const look = "ml-1.5 text-xs text-accent hover:underline";
  if (number !== undefined) return <CiteButton number={number} show={() => show(number)} />;
  if (id.startsWith("iss_"))
    return (
      <Link to="/issues/$issueId" params={{ issueId: id }} className={look}>
        issue{place}
      </Link>
    );
  if (id.startsWith("res_"))
    return (
      <Link to="/resources/$resourceId" params={{ resourceId: id }} className={look}>
        object{place}
      </Link>
    );
  return null;
}

/** A list is a query that the person runs, and logs are a command. */
function Query({ of: query, list, cluster }: { of: string; list: string | null | undefined; cluster: string }) {
  if (list !== "issues" && list !== "resources") return <CodeBlock text={query} label={`command for ${cluster}`} wrap />;
  return (
    <p className="flex flex-wrap items-center gap-2">
      <code className="rounded-sm bg-hover px-1.5 py-0.5 font-mono text-xs break-all">{query}</code>
      <Link to={`/${list}`} search={{ q: query } as never} className="font-medium text-accent hover:underline">
        Run the query
      </Link>
    </p>
  );
}
