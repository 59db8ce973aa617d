// The logs captured for an issue, each with where it stands, and the Events and changes kept beside them. Text from a cluster is text, never markup.

import { useQuery } from "@tanstack/react-query";
import { ChevronDown, ChevronRight } from "lucide-react";
import { useId, useMemo, useState } from "react";
import { type Captured, type CapturedLog, capturedQuery, capturedWordsQuery } from "../../api/queries";
import { Clock, Failed, Loading, Mark, type Tone } from "../../parts";
import { linesOf } from "../../parts/logtext";
import { LogView } from "../../parts/logview";
import { type Change, Diff } from "../resources/diff";
import { logLine } from "../resources/logs";
import { bytes } from "./facts";

export function CapturedBody({ issueId }: { issueId: string }) {
  const found = useQuery(capturedQuery(issueId));
  const words = useQuery(capturedWordsQuery(issueId, wordsOf(found.data)));
  const failed = [found, words].find((one) => one.isLoadingError);
  if (failed) return <Failed error={failed.error} what="Could not load the captured data" retry={() => void failed.refetch()} />;
  if (!found.data || words.isLoading) return <Loading rows={3} label="Loading captured data" />;
  const { events, changes } = found.data;
  const logs = found.data.logs.map((one) => ({
    ...one,
    text: words.data?.logs.find((other) => nameOf(other) === nameOf(one))?.text ?? "",
  }));
  if (!logs.length && !events.length && !changes.length)
    return (
      <p className="text-muted">
        No captured data. Data is kept for two weeks. Nothing is captured for symptoms, when no container failed, or when capturing is
        switched off.
      </p>
    );
  const first = logs.findIndex((one) => one.text);
  return (
    <div className="flex flex-col gap-4">
      {logs.length > 0 && (
        <ul aria-label="Captured logs" className="flex flex-col divide-y divide-line rounded-md border border-line">
          {logs.map((one, index) => (
            <Log key={nameOf(one)} log={one} isFirst={index === first} />
          ))}
        </ul>
      )}
      {events.length > 0 && <Events of={events} />}
      {changes.length > 0 && <Changes of={changes} />}
      {found.data.surroundingsAt && (
        <p className="text-xs text-muted">
          Events and changes as of <Clock at={found.data.surroundingsAt} />.
        </p>
      )}
    </div>
  );
}

const nameOf = (log: CapturedLog) => `${log.namespace}/${log.pod}/${log.container}/${log.previous}`;

/** Which logs have words to be read, and of when. */
const wordsOf = (found?: Captured) =>
  (found?.logs ?? [])
    .filter((one) => one.bytes > 0)
    .map((one) => `${nameOf(one)} ${one.capturedAt}`)
    .join("\n");

const STATES: Record<CapturedLog["state"], [tone: Tone, word: string]> = {
  captured: ["ok", "Captured"],
  wanted: ["info", "Requested"],
  failed: ["medium", "Unavailable"],
  dropped: ["low", "Skipped"],
};

function Log({ log, isFirst }: { log: CapturedLog; isFirst: boolean }) {
  const [isOpen, open] = useState(isFirst);
  const body = useId();
  const lines = useMemo(() => linesOf(log.text).map((line) => logLine(line)), [log.text]);
  const [tone, word] = STATES[log.state];
  const title = `${log.previous ? "Previous" : "Current"} run of ${log.container}`;
  const Arrow = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className="px-3 py-2">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        {log.text ? (
          <button
            type="button"
            aria-expanded={isOpen}
            aria-controls={isOpen ? body : undefined}
            onClick={() => open(!isOpen)}
            className="inline-flex min-h-6 min-w-0 items-center gap-1 font-medium break-words hover:underline"
          >
            <Arrow aria-hidden className="size-4 shrink-0 text-muted" />
            {title}
          </button>
        ) : (
          <span className="min-h-6 min-w-0 pl-5 font-medium break-words">{title}</span>
        )}
        <span className="flex-1" />
        <Mark tone={tone}>{word}</Mark>
      </div>
      <p className="pl-5 text-xs break-words text-muted">
        <span className="font-mono">
          {log.namespace}/{log.pod}
        </span>
        {" · "}
        <Clock at={log.capturedAt} />
        {log.text && ` · ${bytes(log.bytes)}`}
        {log.truncated && ", older lines omitted"}
      </p>
      {log.reason && <p className="pl-5 break-words">{log.reason}</p>}
      {log.state === "captured" && !log.bytes && <p className="pl-5 text-muted">The container wrote nothing.</p>}
      {isOpen && log.text && (
        <div id={body} className="mt-2">
          <LogView lines={lines} label={title} fileName={`${log.pod}-${log.container}${log.previous ? "-previous" : ""}.log`} wraps />
        </div>
      )}
    </li>
  );
}

function Events({ of }: { of: Captured["events"] }) {
  return (
    <div>
      <h3 className="text-xs font-medium text-muted">Kubernetes events</h3>
      <ul className="flex flex-col divide-y divide-line">
        {of.map((event, index) => (
          <li key={index} className="py-1.5">
            <p className="flex flex-wrap items-baseline gap-x-2">
              <Mark tone={event.type === "Warning" ? "high" : "info"}>{event.reason}</Mark>
              {event.count > 1 && <span className="text-xs text-muted">× {event.count}</span>}
              <span className="min-w-0 font-mono text-xs break-all text-muted">
                {event.kind} {event.name}
              </span>
              <span className="flex-1" />
              <span className="text-xs text-muted">
                <Clock at={event.lastAt} />
              </span>
            </p>
            <p className="text-xs break-words">{event.message}</p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Changes({ of }: { of: Captured["changes"] }) {
  return (
    <div>
      <h3 className="text-xs font-medium text-muted">Preceding changes</h3>
      <ul className="flex flex-col gap-3 pt-1.5">
        {of.map((change, index) => (
          <li key={index}>
            <p className="flex flex-wrap items-baseline gap-x-2 pb-1">
              <span className="min-w-0 font-mono text-xs break-all">
                {change.kind} {change.name}
              </span>
              {change.manager && <span className="text-xs break-words text-muted">by {change.manager}</span>}
              <span className="flex-1" />
              <span className="text-xs text-muted">
                <Clock at={change.at} />
              </span>
            </p>
            <Diff changes={change.diff as unknown as Change[]} label={`Changes to ${change.kind} ${change.name}`} />
          </li>
        ))}
      </ul>
    </div>
  );
}
