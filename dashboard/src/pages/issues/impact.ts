import type { Issue } from "../../api/queries";
import { plural } from "../../parts/counted";

/** "3 workloads, 12 pods, 2 callers"; what is 0 is left out. */
export const impactText = ({ workloads, pods, callers }: Pick<Issue["impact"], "workloads" | "pods" | "callers">): string =>
  [workloads && plural(workloads, "workload"), pods && plural(pods, "pod"), callers && plural(callers, "caller")]
    .filter(Boolean)
    .join(", ");
