// Two texts line by line: what is gone, what is new, and a few lines around.
import { cx } from "../../../parts";

export interface DiffLine {
  sign: " " | "-" | "+";
  text: string;
  /** Its number in the text it is in; for an unchanged line in the new one. */
  number: number;
}

const MOST_CELLS = 4_000_000; // beyond, the texts are shown as replaced as a whole

/** The fewest lines that change one text into the other. */
export function diffLines(before: string, after: string): DiffLine[] {
  const [old, now] = [before.replace(/\n$/, "").split("\n"), after.replace(/\n$/, "").split("\n")];
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const same = (count: number, from: number): DiffLine[] =>
    now.slice(from, from + count).map((text, index) => ({ sign: " ", text, number: from + index + 1 }));
  return [
    ...same(head, 0),
    ...between(old.slice(head, old.length - tail), now.slice(head, now.length - tail), head),
    ...same(tail, now.length - tail),
  ];
}

function between(old: string[], now: string[], offset: number): DiffLine[] {
  const gone = (index: number): DiffLine => ({ sign: "-", text: old[index]!, number: offset + index + 1 });
  const added = (index: number): DiffLine => ({ sign: "+", text: now[index]!, number: offset + index + 1 });
  if (old.length * now.length > MOST_CELLS) return [...old.map((_, index) => gone(index)), ...now.map((_, index) => added(index))];
  const width = now.length + 1;
  const common = new Uint32Array((old.length + 1) * width);
  for (let one = old.length - 1; one >= 0; one -= 1)
    for (let other = now.length - 1; other >= 0; other -= 1)
      common[one * width + other] =
        old[one] === now[other]
          ? common[(one + 1) * width + other + 1]! + 1
          : Math.max(common[(one + 1) * width + other]!, common[one * width + other + 1]!);
  const lines: DiffLine[] = [];
  let [one, other] = [0, 0];
  while (one < old.length || other < now.length) {
    if (one < old.length && other < now.length && old[one] === now[other]) {
      lines.push({ sign: " ", text: now[other]!, number: offset + other + 1 });
      one += 1;
      other += 1;
    } else if (other >= now.length || (one < old.length && common[(one + 1) * width + other]! >= common[one * width + other + 1]!)) {
      lines.push(gone(one));
      one += 1;
    } else {
      lines.push(added(other));
      other += 1;
    }
  }
  return lines;
}

const AROUND = 3;

/** The changed lines and those around them; null stands for what is left out. */
export function hunks(lines: readonly DiffLine[]): (DiffLine | null)[] {
  const near = lines.map((_, index) => lines.slice(Math.max(0, index - AROUND), index + AROUND + 1).some((one) => one.sign !== " "));
  const shown: (DiffLine | null)[] = [];
  lines.forEach((line, index) => {
    if (near[index]) shown.push(line);
    else if (shown.length === 0 || shown.at(-1) !== null) shown.push(null);
  });
  return shown;
}

const LOOKS = { " ": "", "-": "bg-critical-tint text-critical", "+": "bg-ok-tint text-ok" };
const WORDS = { " ": "", "-": "removed: ", "+": "added: " };

export function TextDiff({ before, after, label }: { before: string; after: string; label: string }) {
  const lines = diffLines(before, after);
  if (lines.every((one) => one.sign === " ")) return <p className="text-muted">No differences.</p>;
  return (
    <div role="region" aria-label={label} tabIndex={0} className="overflow-auto rounded-md border border-line font-mono text-xs">
      <ol className="min-w-fit">
        {hunks(lines).map((line, index) =>
          line ? (
            <li key={index} className={cx("flex gap-2 px-2 py-px", LOOKS[line.sign])}>
              <span aria-hidden className="w-8 shrink-0 text-right opacity-70 select-none">
                {line.number}
              </span>
              <span aria-hidden className="select-none">
                {line.sign}
              </span>
              <span className="sr-only">{WORDS[line.sign]}</span>
              <span className="whitespace-pre">{line.text}</span>
            </li>
          ) : (
            <li key={index} aria-label="Unchanged lines" className="bg-surface px-2 text-muted">
              …
            </li>
          ),
        )}
      </ol>
    </div>
  );
}
