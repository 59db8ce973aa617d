// A link to an object of a cluster that is known by its name only. It opens the object; where that is not in the inventory, the list.
import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import type { MouseEvent, ReactNode } from "react";
import { type Schemas, send } from "../api/client";
import { cx } from "../parts";

export interface ObjectName {
  kind: string;
  namespace?: string | null;
  name: string;
}

export function ObjectLink({
  cluster,
  of,
  className,
  children,
}: {
  cluster: string;
  of: ObjectName;
  className?: string;
  children?: ReactNode;
}) {
  const client = useQueryClient();
  const go = useNavigate();
  const filter = { cluster, kind: of.kind, namespace: of.namespace ?? undefined };
  const search = { ...filter, q: of.name };
  const open = async (event: MouseEvent) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const found = await client
      .fetchQuery({
        queryKey: ["objectByName", filter, of.name],
        queryFn: ({ signal }) =>
          send<Schemas["ResourceList"]>("GET", "/v1/resources", { query: { ...filter, name: of.name, pageSize: 1 }, signal }),
        retry: false,
      })
      .catch(() => null); // the list says what went wrong
    const id = found?.resources[0]?.id;
    if (id) void go({ to: "/resources/$resourceId", params: { resourceId: id }, search: filter as never });
    else void go({ to: "/resources", search: search as never });
  };
  return (
    <Link
      to="/resources"
      search={search as never}
      preload={false}
      onClick={(event) => void open(event)}
      className={cx("break-words text-accent hover:underline", className)}
    >
      {children ?? `${of.kind} ${of.namespace ? `${of.namespace}/` : ""}${of.name}`}
    </Link>
  );
}
