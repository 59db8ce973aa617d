// Short names of pods and containers, as long as they tell the sources apart.
import type { Schemas } from "../../api/client";

export type LogSource = Schemas["LogSourceShape"];

export const keyOf = (one: { resourceId: string; container: string }) => `${one.resourceId} ${one.container}`;

/** By `keyOf`: the end of the pod's name if that is enough, and the container where one pod has several. */
export function shortNames(sources: readonly LogSource[]): Map<string, string> {
  const pods = new Set(sources.map((one) => one.pod));
  const tails = new Set([...pods].map(tail));
  const hasMany = new Set(sources.map((one) => one.container)).size > 1;
  return new Map(
    sources.map((one) => {
      const pod = tails.size === pods.size ? tail(one.pod) : one.pod;
      return [keyOf(one), hasMany ? (pods.size > 1 ? `${pod} ${one.container}` : one.container) : pod];
    }),
  );
}

const tail = (pod: string) => pod.slice(pod.lastIndexOf("-") + 1) || pod;
