// A tour of four steps for a new person: what is wrong, why, how to fix it, and what happens after. It points at what the page shows, takes no focus,
// and is not shown while its element is missing.
import { useParams } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useLayoutEffect, useState } from "react";
import { Button } from "../parts";
import { prefer } from "../parts/preferences";

const STEPS = [
  {
    title: "What is wrong",
    text: "One issue is one cause: its symptoms are listed below it. The most severe issues come first. Open one to see why it happens.",
    at: "main a[href*='/issues/iss_']",
  },
  {
    title: "Why",
    text: "The analysis names the cause, how certain it is, and the evidence for each claim. It also lists what changed just before.",
    at: "#analysis h2",
  },
  {
    title: "How to fix it",
    text: "The best action comes first. Its preview shows every change. Nothing is changed before you run it.",
    at: "#recommended li",
  },
  {
    title: "What happens after",
    text: "Optral verifies each fix. An issue resolves by itself once its failure is gone. Everything that happened to the issue is listed here.",
    at: "#activity h2",
  },
] as const;
const LOOK_MS = 200;
const CARD_PX = { width: 320, height: 176 };
const EDGE_PX = { side: 12, top: 56, bottom: 60 }; // beside the bars at the top and, on a phone, at the bottom
const GAP_PX = 6;

type Box = Record<"left" | "top" | "width" | "height", number>;

export function Tour() {
  const { issueId } = useParams({ strict: false }) as { issueId?: string };
  return <Steps key={issueId} first={issueId ? 1 : 0} />; // whoever opens an issue has taken the first step
}

const end = () => prefer({ tour: false });

function Steps({ first }: { first: number }) {
  const [at, choose] = useState(first);
  const step = STEPS[at]!;
  const box = useBox(step.at);
  const isShown = box !== null;
  useEscape(isShown);
  if (!box) return null;
  const next = STEPS.findIndex((one, index) => index > at && (index === 1 || document.querySelector(one.at)));
  const advance = () => {
    if (next < 0) return end();
    if (at === 0) document.querySelector<HTMLElement>(step.at)?.click();
    document.querySelector(STEPS[next]!.at)?.scrollIntoView({ block: "center" });
    choose(next);
  };
  return (
    <>
      <div
        aria-hidden
        style={{ left: box.left - GAP_PX, top: box.top - GAP_PX, width: box.width + 2 * GAP_PX, height: box.height + 2 * GAP_PX }}
        className="no-print pointer-events-none fixed z-20 rounded-md outline-2 outline-accent"
      />
      <section
        aria-label="Guided tour"
        style={{ ...cornerFor(box), height: CARD_PX.height }}
        className="no-print fixed z-30 flex flex-col gap-2 overflow-auto rounded-md border border-accent bg-raised p-4 shadow-raised"
      >
        <div role="status" className="flex-1">
          <p className="text-xs text-muted">
            Step {at + 1} of {STEPS.length}
          </p>
          <h2 className="font-semibold">{step.title}</h2>
          <p>{step.text}</p>
        </div>
        <div className="flex justify-end gap-2">
          <Button small kind="quiet" onClick={end}>
            Skip
          </Button>
          <Button small kind="primary" onClick={advance}>
            {next < 0 ? "Done" : "Next"}
          </Button>
        </div>
      </section>
    </>
  );
}

/** Where the first element is that fits, followed while the page moves; null while it is out of sight or a dialog is open. */
function useBox(selector: string): Box | null {
  const [box, set] = useState<Box | null>(null);
  useEffect(() => {
    const look = () =>
      set((before) => {
        const now = document.querySelector("[role=dialog]") ? null : boxOf(document.querySelector(selector));
        return before && now && Object.entries(now).every(([side, px]) => before[side as keyof Box] === px) ? before : now;
      });
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => clearInterval(timer);
  }, [selector]);
  return box;
}

function boxOf(element: Element | null): Box | null {
  if (!element?.checkVisibility()) return null;
  const { left, top, width, height } = element.getBoundingClientRect();
  return top + height < EDGE_PX.top || top > innerHeight - EDGE_PX.bottom ? null : { left, top, width, height };
}

/** The first corner in which the card does not cover the element. */
export function cornerFor(box: Box): Omit<Box, "height"> {
  const width = Math.min(CARD_PX.width, innerWidth - 2 * EDGE_PX.side);
  const tops = [innerHeight - EDGE_PX.bottom - CARD_PX.height, EDGE_PX.top];
  const lefts = [innerWidth - EDGE_PX.side - width, EDGE_PX.side];
  const corners = tops.flatMap((top) => lefts.map((left) => ({ left, top, width })));
  const isClear = ({ left, top }: { left: number; top: number }) =>
    left > box.left + box.width + GAP_PX ||
    left + width < box.left - GAP_PX ||
    top > box.top + box.height + GAP_PX ||
    top + CARD_PX.height < box.top - GAP_PX;
  return corners.find(isClear) ?? corners[0]!;
}

/** Escape ends the tour, and nothing else, from the moment at which the card is in the page. */
function useEscape(isShown: boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.key !== "Escape" || event.defaultPrevented || document.querySelector("[role=dialog],[role=menu]")) return;
    event.preventDefault();
    end();
  });
  useLayoutEffect(() => {
    if (!isShown) return;
    addEventListener("keydown", onKey, true);
    return () => removeEventListener("keydown", onKey, true);
  }, [isShown]);
}
