// What the JSON Schema of a runbook says about a place in its text. The text is often unfinished, so the place is found by its indentation
// and not by a parser: the server alone judges whether a definition is valid.

export interface Schema {
  description?: string;
  type?: string | string[];
  /** False: the key does not belong there. */
  properties?: Record<string, Schema | false>;
  items?: Schema;
  enum?: unknown[];
  enumDescriptions?: string[];
  examples?: unknown[];
  default?: unknown;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: { if: { properties?: Record<string, { const?: unknown }> }; then: Schema }[];
  definitions?: Record<string, Schema>;
  minimum?: number;
  maximum?: number;
  $ref?: string;
}

/** A key, or an item of a list with what its plain keys say. */
export type Part = string | Record<string, string>;

export interface Place {
  path: Part[];
  /** Whether a value is written here, and not the name of a key. */
  isValue: boolean;
  /** The keys that the mapping has already. */
  present: string[];
  /** Where the word begins that is being typed, from the beginning of the line. */
  from: number;
  /** How far the keys of the mapping are indented. */
  indent: number;
}

const LINE = /^(\s*)((?:-\s+|-$)*)(?:(["']?)([\w.-]+)\3\s*:(?=\s|$))?(.*)$/;
interface Line {
  dash: number;
  column: number;
  key: string;
  rest: string;
}

/** Null for an empty line and a comment. */
function lineOf(text: string): Line | null {
  if (/^\s*(#|$)/.test(text)) return null;
  const found = LINE.exec(text)!;
  const indent = found[1]!.length;
  const dashes = found[2]!;
  return { dash: dashes ? indent : -1, column: indent + dashes.length, key: found[4] ?? "", rest: (found[5] ?? "").trim() };
}

const scalar = (text: string) =>
  text
    .replace(/\s+#.*$/, "")
    .replace(/^["']|["']$/g, "")
    .trim();

/** What the plain keys of the list item say in which `at` stands. */
function itemAt(lines: string[], start: number, column: number): Record<string, string> {
  const said: Record<string, string> = {};
  for (let at = start; at < lines.length; at += 1) {
    const line = lineOf(lines[at]!);
    if (!line) continue;
    if (at > start && (line.column < column || line.dash >= 0 || line.dash === column)) break;
    if (line.column === column && line.key && line.rest) said[line.key] = scalar(line.rest);
  }
  return said;
}

/** The keys of the mapping at this column, and where its item begins. */
function present(lines: string[], index: number, column: number): string[] {
  const found: string[] = [];
  const look = (at: number): boolean => {
    const line = lineOf(lines[at]!);
    if (!line || line.column > column) return true;
    if (line.column < column) return false;
    if (at !== index && line.key) found.push(line.key);
    return line.dash < 0;
  };
  for (let at = index - 1; at >= 0 && (lineOf(lines[index]!)?.dash ?? -1) < 0; at -= 1) if (!look(at)) break;
  for (let at = index + 1; at < lines.length; at += 1) {
    const line = lineOf(lines[at]!);
    if (line && line.dash >= 0 && line.column <= column) break;
    if (!look(at)) break;
  }
  return found;
}

/** The path of the mapping in which a line with this column stands. */
function parents(lines: string[], index: number, column: number, dash: number): Part[] {
  const path: Part[] = [];
  let limit = column;
  let isItem = false; // looking for the key of a list, which may stand at the same column as its dashes
  const enter = (at: number, itemColumn: number, dashColumn: number) => {
    path.unshift(itemAt(lines, at, itemColumn));
    limit = dashColumn;
    isItem = true;
  };
  if (dash >= 0) enter(index, column, dash);
  for (let at = index - 1; at >= 0; at -= 1) {
    const line = lineOf(lines[at]!);
    if (!line) continue;
    const isParent = line.key !== "" && line.rest === "" && (line.column < limit || (isItem && line.column === limit && line.dash < 0));
    if (isParent) {
      path.unshift(line.key);
      limit = line.column;
      isItem = false;
      if (line.dash >= 0) enter(at, line.column, line.dash);
    } else if (!isItem && line.dash >= 0 && line.column === limit) {
      enter(at, line.column, line.dash);
    }
    if (limit === 0 && !isItem) break;
  }
  return path;
}

const FLOW = /(?:([\w.-]+)\s*:\s*)?([{[])|[}\]]/g;

/** The braces and brackets of a line that are open at its end, with the key of each. */
function openIn(text: string): { key: string; sign: string; at: number }[] {
  const open: { key: string; sign: string; at: number }[] = [];
  for (const found of text.replace(/"[^"]*"|'[^']*'/g, (quoted) => "_".repeat(quoted.length)).matchAll(FLOW)) {
    if (text[found.index - 1] === "$") continue; // of a reference
    if (found[2]) open.push({ key: found[1] ?? "", sign: found[2], at: found.index + found[0].length });
    else open.pop();
  }
  return open.filter((one) => text[one.at - 2] !== "$");
}

/** Where in a definition this position of its text is. */
export function placeAt(text: string, position: number): Place {
  const before = text.slice(0, position);
  const lines = text.split("\n");
  const index = before.split("\n").length - 1;
  const start = before.lastIndexOf("\n") + 1;
  const head = before.slice(start);
  const line = lineOf(head) ?? { dash: -1, column: head.length, key: "", rest: "" };
  const whole = [...lines.slice(0, index), head, ...lines.slice(index + 1)];
  const path = parents(whole, index, line.column, line.dash);
  const open = openIn(head);
  if (open.length) {
    for (const one of open) {
      if (one.key) path.push(one.key);
      else if (one.sign === "{" && typeof path.at(-1) === "string") path.push({}); // an item of a list: - {…}
      if (one.sign === "[") path.push({});
    }
    const inside = head.slice(open.at(-1)!.at);
    const piece = /(?:^|,)\s*([^,]*)$/.exec(inside)![1]!;
    const entry = /^(["']?)([\w.-]+)\1\s*:\s*(.*)$/.exec(piece);
    const said = [...inside.matchAll(/([\w.-]+)\s*:\s*([^,{}[\]]*)/g)].map((found) => [found[1]!, scalar(found[2]!)] as const);
    const last = path.at(-1);
    if (typeof last === "object" && open.at(-1)!.sign === "{") path[path.length - 1] = { ...Object.fromEntries(said), ...last };
    if (open.at(-1)!.sign === "[") return { path, isValue: true, present: [], from: head.length - piece.length, indent: line.column };
    if (entry) return { path: [...path, entry[2]!], isValue: true, present: [], from: head.length - entry[3]!.length, indent: line.column };
    return { path, isValue: false, present: said.map(([key]) => key), from: head.length - piece.length, indent: -1 };
  }
  if (line.key) {
    const value = /:\s+(.*)$/.exec(head)?.[1] ?? "";
    return { path: [...path, line.key], isValue: true, present: [], from: head.length - value.length, indent: line.column };
  }
  return {
    path,
    isValue: false,
    present: present(whole, index, line.column),
    from: line.column,
    indent: line.column,
  };
}

/** The schema of a place; undefined where the definition can have nothing. */
export function schemaAt(root: Schema, path: readonly Part[]): Schema | undefined {
  let here: Schema | undefined = root;
  for (const part of path) {
    if (!here) return undefined;
    const next: Schema | undefined = typeof part === "string" ? here.properties?.[part] || undefined : here.items;
    here = next && merged(root, typeof part === "string" ? next : withConditions(next, part));
  }
  return here;
}

/** A schema with the keys of all its alternatives: which of them is meant is open while the text is being written. */
function merged(root: Schema, schema: Schema): Schema {
  const named = /^#\/definitions\/(\w+)$/.exec(schema.$ref ?? "")?.[1];
  const target = named && named !== "reference" ? root.definitions?.[named] : undefined;
  const ways = [...(target ? [target] : []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].map((one) =>
    isReference(one) ? one : merged(root, one),
  );
  const properties: Record<string, Schema | false> = {};
  for (const one of [schema, ...ways])
    for (const [name, value] of Object.entries(one.properties ?? {})) {
      const known = properties[name];
      properties[name] = known && value ? { description: known.description, anyOf: [...(known.anyOf ?? [known]), value] } : value;
    }
  return {
    ...schema,
    properties: Object.keys(properties).length ? properties : undefined,
    items: schema.items ?? ways.find((one) => one.items)?.items,
    anyOf: ways.length ? ways.flatMap((one) => [one, ...(one.anyOf ?? [])]) : undefined,
  };
}

/** The schema of an item, with what its values add to it: an action has values of its own. */
function withConditions(item: Schema, said: Record<string, string>): Schema {
  const properties = { ...item.properties };
  for (const one of item.allOf ?? []) {
    const conditions = Object.entries(one.if.properties ?? {});
    if (!conditions.length || !conditions.every(([name, { const: value }]) => value !== undefined && said[name] === value)) continue;
    for (const [name, added] of Object.entries(one.then.properties ?? {})) properties[name] = added && { ...properties[name], ...added };
  }
  return { ...item, properties };
}

const isReference = (one: Schema) => one.$ref === "#/definitions/reference";
const takesReference = (schema: Schema) => !!schema.anyOf?.some(isReference);

export interface Offer {
  label: string;
  /** What is written; the label if it is absent. */
  apply?: string;
  detail?: string;
  info?: string;
  kind: "key" | "value" | "reference";
}

/** What can be written at a place. */
export function offersAt(root: Schema, text: string, position: number): { from: number; offers: Offer[] } {
  const place = placeAt(text, position);
  const schema = schemaAt(root, place.path);
  const from = text.slice(0, position).lastIndexOf("\n") + 1 + place.from;
  if (!schema) return { from, offers: [] };
  if (place.isValue) return { from, offers: values(root, schema, text) };
  if (!schema.properties) return { from, offers: schema.items ? [] : values(root, schema, text) };
  return { from, offers: keys(schema, place) };
}

function keys(schema: Schema, place: Place): Offer[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, one]) =>
    one === false || place.present.includes(name)
      ? []
      : {
          label: name,
          apply: name + opening(one, place.indent),
          detail: schema.required?.includes(name) ? "required" : undefined,
          info: one.description,
          kind: "key" as const,
        },
  );
}

/** What follows a new key: the line of its first member, its first item, or the place of its value. */
function opening(one: Schema, indent: number): string {
  if (indent < 0) return ": ";
  const inner = " ".repeat(indent + 2);
  const isMapping = !!one.properties || one.type === "object" || !!one.anyOf?.some((each) => each.properties);
  if (isMapping) return `:\n${inner}`;
  return one.items ? (one.items.properties ? `:\n${inner}- ` : ": []") : ": ";
}

function values(root: Schema, schema: Schema, text: string): Offer[] {
  const literals = [schema, ...(schema.anyOf ?? [])];
  const found: Offer[] = literals.flatMap((one) => [
    ...(one.enum ?? []).map((value, index) => ({
      label: String(value),
      info: one.enumDescriptions?.[index],
      detail: value === schema.default ? "default" : undefined,
      kind: "value" as const,
    })),
    ...(one.type === "boolean" ? ["true", "false"] : []).map((label) => ({ label, kind: "value" as const })),
    ...(isReference(one) ? [] : (one.examples ?? [])).map((value) => ({
      label: String(value),
      kind: String(value).startsWith("${") ? ("reference" as const) : ("value" as const),
    })),
  ]);
  if (schema.default !== undefined && !found.length && schema.default !== null)
    found.push({ label: String(schema.default), detail: "default", kind: "value" });
  if (takesReference(schema)) found.push(...parameters(text), ...targets(root));
  return found.filter((one, index) => found.findIndex((other) => other.label === one.label) === index);
}

const targets = (root: Schema): Offer[] =>
  (root.definitions?.reference?.examples ?? []).map((value) => ({ label: String(value), detail: "of the issue", kind: "reference" }));

/** The parameters that the text declares, as references. */
export function parameters(text: string): Offer[] {
  const block = /^parameters:[^\n]*\n((?:[ \t-].*\n?|\s*\n|#.*\n)*)/m.exec(`${text}\n`)?.[1] ?? "";
  const found: { name: string; type: string }[] = [];
  for (const item of block.split(/^\s*-\s/m).slice(1)) {
    const name = /(?:^|[\s{,])name:\s*["']?([a-z]\w*)/.exec(item)?.[1];
    if (name) found.push({ name, type: /(?:^|[\s{,])type:\s*["']?(\w+)/.exec(item)?.[1] ?? "" });
  }
  return found.flatMap(({ name, type }) =>
    (type === "resource" ? [".kind", ".namespace", ".name"] : [""]).map(
      (part): Offer => ({ label: `\${parameters.${name}${part}}`, detail: type, kind: "reference" }),
    ),
  );
}

/** What the key at a position is for; null where no known key stands. */
export function descriptionAt(root: Schema, text: string, position: number): { from: number; to: number; text: string } | null {
  const start = text.lastIndexOf("\n", position - 1) + 1;
  const end = text.indexOf("\n", position);
  const line = text.slice(start, end < 0 ? text.length : end);
  for (const found of line.matchAll(/([\w.-]+)\s*:(?=\s|$)/g)) {
    const from = start + found.index;
    const to = from + found[1]!.length;
    if (position < from || position > to) continue;
    const place = placeAt(text, from + found[0].length);
    const schema = place.isValue ? schemaAt(root, place.path) : undefined;
    if (!schema?.description) return null;
    return { from, to, text: [schema.description, limits(schema)].filter(Boolean).join(" ") };
  }
  return null;
}

function limits(schema: Schema): string {
  return [
    schema.enum && `One of ${schema.enum.join(", ")}.`,
    schema.minimum !== undefined && schema.maximum !== undefined && `From ${schema.minimum} to ${schema.maximum}.`,
    schema.default !== undefined && schema.default !== null && schema.default !== false && `Default: ${schema.default}.`,
  ]
    .filter(Boolean)
    .join(" ");
}
