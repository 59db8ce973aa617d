// Which columns a list of resources has room for, and how wide they are: those of the kind if the list has one kind.
import type { Schemas } from "../../api/client";
import type { Resource } from "./queries";

export type KindColumn = Schemas["ColumnShape"];

export interface Drawn {
  id: string;
  title: string;
  /** What the list is sorted by when its head is pressed. */
  sort?: string;
  /** There is no opposite order. */
  isOneWay?: boolean;
  minPx: number;
  grows: number;
  own?: KindColumn;
}

const GAP_PX = 16;
const PADDING_PX = 32;
const LETTER_PX = 7;
const MOST_PX = 200; // of a column whose values are long, such as images
const READABLE_PX = 96; // to which a column may shrink
const SAMPLED = 100; // rows whose values say how wide a column has to be

export const TWO_LINES_BELOW_PX = 672; // where only a name and a status fit

/**
 * From left to right. Columns that do not fit are left out, the least needed ones first, and so are those of which no row has a value.
 * `rows` are the first of the list.
 */
export function layout(widthPx: number, own: readonly KindColumn[], rows: readonly Resource[], { isOneCluster = false } = {}): Drawn[] {
  const sample = rows.slice(0, SAMPLED);
  const state = own.find((one) => one.isState);
  const statusPx = fitting(sample.map((row) => (row.status ?? "").length + 4));
  const name: Drawn = { id: "name", title: "Name", sort: "name", minPx: 190, grows: 3 };
  const status: Drawn = {
    id: "status",
    title: state?.title ?? "Status",
    sort: "status",
    isOneWay: true,
    minPx: Math.max(80, statusPx),
    grows: 0.5,
  };
  if (widthPx < TWO_LINES_BELOW_PX) return [name, status];
  const namespace: Drawn = { id: "namespace", title: "Namespace", sort: "namespace", minPx: 96, grows: 1 };
  const age: Drawn = { id: "age", title: "Age", sort: "createdAt", minPx: 56, grows: 0 };
  const cluster: Drawn[] = isOneCluster ? [] : [{ id: "cluster", title: "Cluster", minPx: 96, grows: 1 }];
  const owner: Drawn[] = own.length ? [] : [{ id: "owner", title: "Owner", minPx: 140, grows: 1.5 }];
  const first = [name, ...(sample.some((row) => row.status) ? [status] : []), ...(sample.some((row) => row.namespace) ? [namespace] : [])];
  const of = (isWide: boolean) =>
    own.filter((one) => one.wide === isWide && !one.isState && !isUsage(one)).map((one) => drawn(one, sample));
  const usage = own.filter((one) => isUsage(one) && sample.some((row) => row.columns?.[one.name] !== undefined));
  const kept: Drawn[] = [];
  let room = widthPx - PADDING_PX - [...first, age].reduce((sum, one) => sum + one.minPx + GAP_PX, 0);
  for (const one of [...of(false), ...usage.map((one) => drawn(one, sample)), ...cluster, ...owner, ...of(true)]) {
    const minPx = Math.min(one.minPx, room - GAP_PX);
    if (minPx < Math.min(one.minPx, READABLE_PX)) break;
    room -= minPx + GAP_PX;
    kept.push({ ...one, minPx });
  }
  return [...first, ...kept.filter((one) => one.own), ...kept.filter((one) => !one.own), age];
}

/** What objects use now comes before what is the same in every list, if the agent reports it of any. */
const isUsage = (one: KindColumn) => one.name === "cpuUsed" || one.name === "memoryUsed";

function drawn(own: KindColumn, sample: readonly Resource[]): Drawn {
  const letters = own.type === "time" ? [7] : sample.map((row) => String(row.columns?.[own.name] ?? "").length);
  return { id: own.name, title: own.title, minPx: fitting([own.title.length + 1, ...letters]), grows: own.type === "text" ? 1 : 0, own };
}

const fitting = (letters: readonly number[]) => Math.min(MOST_PX, Math.max(...letters, 0) * LETTER_PX);

/** For `grid-template-columns`. */
export const template = (columns: readonly Drawn[]): string =>
  columns.map((one) => (one.grows ? `minmax(${one.minPx}px, ${one.grows}fr)` : `${one.minPx}px`)).join(" ");
