// The image of the container that an issue is about, from the manifest of its object.
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { containers, parsed } from "../resources/manifest";
import { resourceQuery } from "../resources/queries";

export function Image({ resourceId, container }: { resourceId: string; container: string | null }) {
  const { data } = useQuery(resourceQuery(resourceId));
  const images = useMemo(() => {
    const all = containers(parsed(data?.manifest));
    const own = all.filter((one) => one.name === container);
    return (own.length ? own : all).flatMap((one) => one.image || []);
  }, [data?.manifest, container]);
  return images.length ? images.join(", ") : "–";
}
