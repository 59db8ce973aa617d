// A timeline of many moments: how many there were in each stretch of time, by lane. Errors are the filled part of a bar, so that it reads
// without color; a bar shows its moments in the list below. One stop of the Tab key, with the arrow keys from bar to bar.
import { useMemo, useRef, useState } from "react";
import { cx, dateText, plural, span } from "../../parts";
import { toNeighbor } from "../../parts/arrows";
import { useWidth } from "../../parts/narrow";
import { type Bin, binned, isBin } from "./timelinebins";
import { LANES, type Lane } from "./timelinelayout";
import type { Mark } from "./timelinemoments";

const LABEL_PX = 76;
const BIN_PX = 24;
const ROW_PX = 34;
const LEAST_PX = 3;
const MOST_COLUMNS = 40;

export interface Stretch {
  from: number;
  to: number;
}

interface HistogramProps {
  marks: Mark[];
  active: number[];
  chosen: Stretch | undefined;
  onChoose: (stretch: Stretch | undefined) => void;
}

export function TimelineHistogram({ marks, active, chosen, onChoose }: HistogramProps) {
  const box = useRef<HTMLDivElement>(null);
  const room = useWidth(box, (px) => Math.min(MOST_COLUMNS, Math.floor((px - LABEL_PX) / BIN_PX)));
  const columns = useMemo(() => binned(marks, room), [marks, room]);
  const bins = columns.filter(isBin).filter((one) => one.members.length);
  const lanes = LANES.filter((lane) => bins.some((one) => one.lanes.has(lane)));
  const most = Math.max(...bins.flatMap((one) => [...one.lanes.values()].map((count) => count.all)));
  const [focused, focus] = useState<number>();
  const stop = bins.find((one) => one.from === focused) ?? bins.at(-1);
  return (
    <div ref={box} className="mb-3">
      <div role="group" aria-label="Histogram" className="flex" onKeyDown={(event) => toNeighbor(event, "button")}>
        <div aria-hidden className="shrink-0" style={{ width: LABEL_PX }}>
          {lanes.map((lane) => (
            <span key={lane} className="flex items-end pb-0.5 text-xs text-muted" style={{ height: ROW_PX }}>
              {lane}
            </span>
          ))}
        </div>
        {columns.map((one, index) =>
          isBin(one) ? (
            <Bars
              key={one.from}
              of={one}
              lanes={lanes}
              most={most}
              isActive={one.members.some((member) => active.includes(member))}
              isChosen={chosen?.from === one.from && chosen.to === one.to}
              isStop={one === stop}
              onFocus={() => focus(one.from)}
              onChoose={() => onChoose(chosen?.from === one.from ? undefined : { from: one.from, to: one.to })}
            />
          ) : (
            <span
              key={`${index} ${one.seconds}`}
              title={`${span(one.seconds)} without anything`}
              className="flex min-w-9 shrink-0 items-end justify-center border-x px-1 border-dashed border-control text-[11px] whitespace-nowrap text-muted"
            >
              {span(one.seconds)}
            </span>
          ),
        )}
      </div>
      <p className="mt-1 flex justify-between gap-3 text-xs text-muted" style={{ paddingLeft: LABEL_PX }}>
        <span>{edge(bins[0]!, "from")}</span>
        <span className="text-center">One bar is {span((bins[0]!.to - bins[0]!.from) / 1000)}. Filled: errors.</span>
        <span className="text-right">{edge(bins.at(-1)!, "to")}</span>
      </p>
      <Values bins={bins} lanes={lanes} />
    </div>
  );
}

interface BarsProps {
  of: Bin;
  lanes: Lane[];
  most: number;
  isActive: boolean;
  isChosen: boolean;
  isStop: boolean;
  onFocus: () => void;
  onChoose: () => void;
}

function Bars({ of, lanes, most, isActive, isChosen, isStop, onFocus, onChoose }: BarsProps) {
  const bars = lanes.map((lane) => (
    <span
      key={lane}
      aria-hidden
      className="flex w-full items-end justify-center border-b border-line px-px pt-1"
      style={{ height: ROW_PX }}
    >
      <Bar of={of.lanes.get(lane)} most={most} />
    </span>
  ));
  const look = "flex min-w-6 flex-1 flex-col";
  if (!of.members.length) return <span className={look}>{bars}</span>;
  const text = inWords(of, lanes);
  return (
    <button
      type="button"
      aria-label={text}
      aria-pressed={isChosen}
      title={text}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      onClick={onChoose}
      className={cx(
        look,
        "-outline-offset-2 hover:bg-hover",
        (isChosen || isActive) && "bg-selected",
        isChosen && "ring-1 ring-accent ring-inset",
      )}
    >
      {bars}
    </button>
  );
}

function Bar({ of, most }: { of: { all: number; errors: number } | undefined; most: number }) {
  if (!of) return null;
  const height = (number: number) => `max(${LEAST_PX}px, ${(number / most) * 100}%)`;
  return (
    <span className="flex w-full max-w-5 flex-col justify-end border border-b-0 border-control bg-bg" style={{ height: height(of.all) }}>
      {of.errors > 0 && (
        <span className="w-full bg-critical-solid" style={{ height: `max(${LEAST_PX - 1}px, ${(of.errors / of.all) * 100}%)` }} />
      )}
    </span>
  );
}

const edge = (of: Stretch, name: "from" | "to") =>
  dateText(of[name], {
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: of.to - of.from < 60_000 ? "2-digit" : undefined,
  });
const times = (of: Stretch) => `${edge(of, "from")} to ${edge(of, "to")}`;
const errorsIn = (of: Bin) => [...of.lanes.values()].reduce((sum, one) => sum + one.errors, 0);

function inWords(of: Bin, lanes: Lane[]): string {
  const counts = lanes.filter((lane) => of.lanes.has(lane)).map((lane) => `${lane} ${of.lanes.get(lane)!.all}`);
  const errors = errorsIn(of);
  return `${times(of)}: ${counts.join(", ")}${errors ? `; ${plural(errors, "error")}` : ""}`;
}

/** The numbers of the picture. */
function Values({ bins, lanes }: { bins: Bin[]; lanes: Lane[] }) {
  return (
    <details className="mt-1 text-xs">
      <summary className="w-fit rounded-sm text-muted">Show as a table</summary>
      <div className="mt-1 max-h-64 overflow-auto" tabIndex={0} role="region" aria-label="Timeline entries over time">
        <table className="text-left">
          <thead>
            <tr>
              {["Time", ...lanes, "Errors"].map((one) => (
                <th key={one} scope="col" className="py-0.5 pr-6 font-medium text-muted">
                  {one}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bins.map((one) => (
              <tr key={one.from}>
                <th scope="row" className="pr-6 font-normal whitespace-nowrap text-muted">
                  {times(one)}
                </th>
                {lanes.map((lane) => (
                  <td key={lane} className="pr-6">
                    {one.lanes.get(lane)?.all ?? 0}
                  </td>
                ))}
                <td className="pr-6">{errorsIn(one)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
