// A member by email where it is known; a key or a removed member by id.
import { useQuery } from "@tanstack/react-query";
import { membersQuery } from "./queries";

export function Person({ id }: { id: string }) {
  const { data } = useQuery({ ...membersQuery, retry: false, staleTime: 60_000 });
  const email = data?.members.find((one) => one.id === id)?.email;
  return email ? <span title={id}>{email}</span> : <span className="font-mono text-xs">{id}</span>;
}
