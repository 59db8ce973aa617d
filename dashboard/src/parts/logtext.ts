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
