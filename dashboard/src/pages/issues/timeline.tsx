// When what happened: lanes of changes, Events, the issue and its executions on one axis of time, and each moment in words below.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { CircleX } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import type { Analysis } from "../../api/analysis";
import { capturedQuery, type Issue, issueActivityQuery } from "../../api/queries";
import { may, meQuery } from "../../api/session";
import { Button, Clock, cx, Section, span } from "../../parts";
import { useWidth } from "../../parts/narrow";
import { usePeople } from "../people";
import { Cite, Prose } from "./claims";
import { DENSE } from "./timelinebins";
import { type Stretch, TimelineHistogram } from "./timelinehistogram";
import { LANES, type Lane, laidOut, shownFirst } from "./timelinelayout";
import { type Mark, momentsOf } from "./timelinemoments";
import { clock } from "./triage";

const FIRST = 12;
const LABEL_PX = 76;
const LANE_PX = 26;

export function Timeline({ issue, analysis }: { issue: Issue; analysis: Analysis | undefined }) {
  const activity = useInfiniteQuery(issueActivityQuery(issue.id));
  const { data: me } = useQuery(meQuery);
  const captured = useQuery({ ...capturedQuery(issue.id), enabled: may(me, "logs:read") });
  const { name } = usePeople();
  const [all, showAll] = useState(false);
  const [chosen, setChosen] = useState<string[]>([]);
  const [stretch, choose] = useState<Stretch>();
  const marks = useMemo(() => {
    const done = (activity.data?.pages ?? []).flatMap((page) => page.activity);
    return momentsOf({ issue, analysis, captured: captured.data, activity: done }, { name, clock });
  }, [issue.type, issue.firstSeenAt, issue.lastSeenAt, activity.data, captured.data, analysis, name]);
  const active = marks.flatMap((mark, index) => (chosen.includes(keyOf(mark)) ? [index] : []));
  const activate = (indexes: number[]) => setChosen(indexes.map((index) => keyOf(marks[index]!)));
  const isDense = marks.length > DENSE;
  const shown = all ? marks.map((_, index) => index) : isDense ? newest(marks, FIRST, stretch) : shownFirst(marks, FIRST);
  return (
    <Section id="timeline" title="Timeline">
      {isDense ? (
        <TimelineHistogram
          marks={marks}
          active={active}
          chosen={stretch}
          onChoose={(next) => {
            showAll(false);
            choose(next);
          }}
        />
      ) : (
        marks.length > 1 && <Lanes marks={marks} active={active} onActive={activate} onChoose={() => showAll(true)} />
      )}
      <ol className="flex flex-col">
        {shown.map((index, row) => {
          const one = marks[index]!;
          const later = row ? marks[shown[row - 1]!]! : undefined;
          const gap = later ? (later.at - one.at) / 1000 : 0;
          return (
            <li
              key={index}
              id={`moment-${index}`}
              tabIndex={-1}
              className="outline-none"
              onMouseEnter={() => activate([index])}
              onMouseLeave={() => activate([])}
            >
              {gap > 600 && (
                <p className="ml-[108px] border-l border-dashed max-sm:ml-[76px] border-control py-1 pl-4 text-xs text-muted">
                  {span(gap)}
                </p>
              )}
              <div className={cx("flex gap-3 rounded-sm", active.includes(index) && "bg-selected")}>
                <span className="w-24 shrink-0 text-right text-xs leading-6 text-muted max-sm:w-16">
                  <Clock at={one.time} />
                </span>
                <span className="relative min-w-0 flex-1 border-l border-line pb-1 pl-4 leading-6 break-words">
                  <span aria-hidden className="absolute top-2 -left-1 size-2 rounded-full border border-control bg-bg" />
                  {one.isFailure && <CircleX aria-label="Error" className="mr-1 inline size-3.5 align-[-2px] text-critical-solid" />}
                  <Prose>{one.text}</Prose>
                  {one.evidenceId && <Cite id={one.evidenceId} />}
                  {one.about && (
                    <span className="ml-2 text-xs text-muted">
                      <Prose>{one.about}</Prose>
                    </span>
                  )}
                </span>
              </div>
            </li>
          );
        })}
      </ol>
      {marks.length > shown.length && (
        <Button small kind="quiet" onClick={() => showAll(true)}>
          {stretch && isDense ? `Show all ${marks.length.toLocaleString()}` : `Show ${(marks.length - shown.length).toLocaleString()} more`}
        </Button>
      )}
    </Section>
  );
}

/** What a mark keeps when later data puts others before it. */
const keyOf = (mark: Mark): string => `${mark.at} ${mark.text}`;

/** The rows of a stretch of time, or the newest of all. */
const newest = (marks: Mark[], most: number, stretch: Stretch | undefined): number[] =>
  stretch
    ? marks.flatMap((one, index) => (one.at >= stretch.from && one.at < stretch.to ? [index] : []))
    : Array.from({ length: Math.min(most, marks.length) }, (_, index) => index);

interface LanesProps {
  marks: Mark[];
  active: number[];
  onActive: (members: number[]) => void;
  onChoose: () => void;
}

function Lanes({ marks, active, onActive, onChoose }: LanesProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box, Math.floor);
  const { spots, folds } = useMemo(() => laidOut(marks, width - LABEL_PX), [marks, width]);
  const lanes = LANES.filter((lane) => marks.some((one) => one.lane === lane));
  const choose = (members: number[]) => {
    onChoose();
    requestAnimationFrame(() => {
      const row = document.getElementById(`moment-${Math.min(...members)}`);
      row?.scrollIntoView({ block: "nearest" });
      row?.focus({ preventScroll: true });
    });
  };
  return (
    <div ref={box} role="group" aria-label="Timeline lanes" className="relative mb-3" style={{ height: lanes.length * LANE_PX + 18 }}>
      {lanes.map((lane, row) => (
        <div key={lane} className="absolute inset-x-0 flex items-center" style={{ top: row * LANE_PX, height: LANE_PX }}>
          <span className="shrink-0 text-xs text-muted" style={{ width: LABEL_PX }}>
            {lane}
          </span>
          <span aria-hidden className="h-px flex-1 bg-line" />
        </div>
      ))}
      {folds.map((fold) => (
        <span
          key={fold.x}
          className="absolute top-0 flex -translate-x-1/2 items-end justify-center whitespace-nowrap border-x border-dashed border-control bg-bg px-0.5 text-[11px] text-muted"
          style={{ left: LABEL_PX + fold.x, height: lanes.length * LANE_PX + 16, width: 36 }}
          title={`${span(fold.seconds)} without anything`}
        >
          {span(fold.seconds)}
        </span>
      ))}
      {spots.map((spot) => (
        <SpotButton
          key={`${spot.lane} ${keyOf(marks[spot.members[0]!]!)}`}
          label={labelOf(spot.lane, spot.members, marks)}
          isActive={spot.members.some((one) => active.includes(one))}
          isFailure={spot.isFailure}
          count={spot.members.length}
          left={LABEL_PX + spot.x}
          top={lanes.indexOf(spot.lane) * LANE_PX + LANE_PX / 2}
          onActive={(isOn) => onActive(isOn ? spot.members : [])}
          onChoose={() => choose(spot.members)}
        />
      ))}
    </div>
  );
}

function labelOf(lane: Lane, members: number[], marks: Mark[]): string {
  const [first] = members.map((index) => marks[index]!);
  if (members.length === 1) return `${lane}, ${clock(first!.time)}: ${first!.text.replace(/`/g, "")}`;
  return `${lane}, ${members.length} from ${clock(first!.time)} to ${clock(marks[members.at(-1)!]!.time)}`;
}

interface SpotProps {
  label: string;
  isActive: boolean;
  isFailure: boolean;
  count: number;
  left: number;
  top: number;
  onActive: (isOn: boolean) => void;
  onChoose: () => void;
}

function SpotButton({ label, isActive, isFailure, count, left, top, onActive, onChoose }: SpotProps) {
  return (
    <button
      type="button"
      aria-label={isFailure ? `${label} (error)` : label}
      title={label}
      onClick={onChoose}
      onMouseEnter={() => onActive(true)}
      onMouseLeave={() => onActive(false)}
      onFocus={() => onActive(true)}
      onBlur={() => onActive(false)}
      className="absolute flex size-6 -translate-1/2 items-center justify-center"
      style={{ left, top }}
    >
      <span
        aria-hidden
        className={cx(
          "flex h-4 min-w-4 items-center justify-center border bg-bg px-0.5 text-[10px] leading-none font-medium",
          isFailure ? "rotate-0 rounded-none border-critical-solid text-critical" : "rounded-full border-control text-muted",
          isActive && "border-accent bg-selected ring-1 ring-accent",
        )}
      >
        {count > 1 ? count : isFailure ? "!" : ""}
      </span>
    </button>
  );
}
