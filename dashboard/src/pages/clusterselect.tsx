// Choosing a cluster, and the name of a cluster that only its id is known of.

import { useQuery } from "@tanstack/react-query";
import type { SelectHTMLAttributes } from "react";
import { type Cluster, clustersQuery } from "../api/queries";
import { ChoiceSelect } from "../parts";

const NONE: Cluster[] = [];

/** The clusters that this person sees; empty until they are loaded. */
export const useClusters = (): Cluster[] => useQuery(clustersQuery({})).data?.clusters ?? NONE;

/** The name of a cluster by its id; the id itself for one that was removed. */
export function useClusterName(): (id: string) => string {
  const known = useClusters();
  return (id) => known.find((one) => one.id === id)?.name ?? id;
}

interface ClusterSelectProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "value" | "onChange"> {
  /** An id, or several with commas between them; empty for no choice. */
  value: string;
  /** The text of no choice. */
  none?: string;
  /** The text of a cluster, if not its name. */
  textOf?: (cluster: Cluster) => string;
  onChange: (value: string) => void;
}

export function ClusterSelect({ none = "All clusters", textOf = (one) => one.name, onChange, ...rest }: ClusterSelectProps) {
  const known = useClusters();
  const name = useClusterName();
  return (
    <ChoiceSelect
      {...rest}
      none={none}
      of={known.map((one) => [one.id, textOf(one)])}
      textOf={(value) => value.split(",").map(name).join(", ")}
      onChange={(value = "") => onChange(value)}
    />
  );
}
