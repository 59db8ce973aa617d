import { createContext, useContext } from "react";
import type { Claim } from "../../api/analysis";

/** What citations need: the number of each piece of evidence, and how to go there. */
export const Citations = createContext<{ numbers: Map<string, number>; show: (id: string) => void }>({
  numbers: new Map(),
  show: () => {},
});

/** Text in which whatever stands between backquotes is a name. Text nodes only. */
export function Prose({ children }: { children: string }) {
  return (
    <>
      {children.split("`").map((part, index) =>
        index % 2 ? (
          <code key={index} className="rounded-sm bg-hover px-1 py-px font-mono text-xs break-words">
            {part}
          </code>
        ) : (
          part
        ),
      )}
    </>
  );
}

/** A claim with the numbers of the evidence it rests on; one that rests on nothing known here says so. */
export function ClaimText({ claim }: { claim: Claim }) {
  const { numbers } = useContext(Citations);
  const known = (claim.evidenceIds ?? []).filter((id) => numbers.has(id));
  return (
    <>
      <Prose>{claim.text}</Prose>
      {known.map((id) => (
        <Cite key={id} id={id} />
      ))}
    </>
  );
}

export function Cite({ id }: { id: string }) {
  const { numbers, show } = useContext(Citations);
  const number = numbers.get(id);
  return number === undefined ? null : <CiteButton number={number} show={() => show(id)} />;
}

export function CiteButton({ number, show }: { number: number; show: () => void }) {
  return (
    <button
      type="button"
      onClick={show}
      aria-label={`Evidence ${number}`}
      className="ml-1 inline-flex h-4 min-w-5 items-center justify-center rounded-sm border border-line bg-surface px-1 align-text-top text-[11px] leading-none text-accent hover:border-accent"
    >
      {number}
    </button>
  );
}
