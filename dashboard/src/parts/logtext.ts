// Log text without what would steer a terminal, cut into lines, and the search in it.

// eslint-disable-next-line no-control-regex
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
// eslint-disable-next-line no-control-regex
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

export const plain = (line: string) => line.replace(ESCAPES, "").replace(CONTROLS, "");

export function linesOf(text: string): string[] {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines.map(plain);
}

/** The numbers of the lines that hold `wanted`, whatever its case. */
export function hits(lines: readonly string[], wanted: string): number[] {
  const needle = wanted.toLowerCase();
  if (!needle) return [];
  const found: number[] = [];
  lines.forEach((line, index) => {
    if (line.toLowerCase().includes(needle)) found.push(index);
  });
  return found;
}

/** `line` cut where `wanted` stands in it; every second part is a hit. */
export function cut(line: string, wanted: string): string[] {
  const needle = wanted.toLowerCase();
  if (!needle) return [line];
  const lower = line.toLowerCase();
  if (lower.length !== line.length) return [line]; // case folding moved the places
  const parts: string[] = [];
  let from = 0;
  for (let at = lower.indexOf(needle); at >= 0; at = lower.indexOf(needle, from)) {
    parts.push(line.slice(from, at), line.slice(at, at + needle.length));
    from = at + needle.length;
  }
  return [...parts, line.slice(from)];
}

/** Where a line fits, as [begin, end) in order. */
export type Ranges = readonly (readonly [number, number])[];
const MOST_RANGES = 50; // of one line

/** Why `pattern` is no regular expression. */
export function invalid(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
  } catch {
    return "invalid expression";
  }
}

/** The lines that fit a regular expression, whatever their case, and where. A bad expression takes its time: run it in a worker. */
export function matches(lines: readonly string[], pattern: string): [number, Ranges][] {
  const expression = new RegExp(pattern, "gi");
  const found: [number, Ranges][] = [];
  lines.forEach((line, index) => {
    const ranges: [number, number][] = [];
    for (const one of line.matchAll(expression)) {
      if (one[0]) ranges.push([one.index, one.index + one[0].length]);
      if (ranges.length >= MOST_RANGES) break;
    }
    if (ranges.length) found.push([index, ranges]);
  });
  return found;
}

/** `line` cut at these places; every second part is a hit. */
export function cutAt(line: string, ranges: Ranges): string[] {
  const parts: string[] = [];
  let from = 0;
  for (const [begin, end] of ranges) {
    parts.push(line.slice(from, begin), line.slice(begin, end));
    from = end;
  }
  return [...parts, line.slice(from)];
}
