// The rollouts of a bucket in words.
import type { Trends } from "./queries";

type Bucket = Trends["buckets"][number];

export const nameOf = (one: { namespace: string; name: string }) => `${one.namespace}/${one.name}`;

/** "0", "1 (shop/api)", "5 (shop/api, shop/web, shop/db, …)"; each workload once. */
export function rolledOut({ rollouts, newestRollouts }: Pick<Bucket, "rollouts" | "newestRollouts">): string {
  if (rollouts == null) return "not counted";
  const newest = newestRollouts ?? [];
  if (!newest.length) return String(rollouts);
  const names = [...new Set(newest.map(nameOf))];
  return `${rollouts.toLocaleString()} (${names.join(", ")}${rollouts > newest.length ? ", …" : ""})`;
}
