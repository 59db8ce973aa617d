// Members by id, for names on a page; whoever may not list members sees ids.
import { useQuery } from "@tanstack/react-query";
import { may, meQuery } from "../api/session";
import { membersQuery } from "./settings/queries";

export interface People {
  /** The signed-in member's id; undefined with a key. */
  me: string | undefined;
  role: string | undefined;
  all: { id: string; email: string }[];
  /** Whether the signed-in person is the only member, who approves what they requested. */
  isAlone: boolean;
  /** "you", an email address, or undefined for somebody unknown. */
  name: (id: string) => string | undefined;
}

const ID = /\busr_[0-9a-z]{26}\b/g;

/** Text of the server with the email addresses of members in place of their ids; an unknown id stays. */
export const withNames = (text: string, members: People["all"]) =>
  text.replace(ID, (id) => members.find((one) => one.id === id)?.email ?? id);

export function usePeople(): People {
  const { data: me } = useQuery(meQuery);
  const { data } = useQuery({ ...membersQuery, enabled: may(me, "members:read"), retry: false, staleTime: 60_000 });
  const own = (me?.member as { id?: string } | undefined)?.id ?? (me?.actor.kind === "person" ? me.actor.id : undefined);
  const all = data?.members ?? [];
  const isAlone = own !== undefined && all.length === 1 && all[0]!.id === own;
  return { me: own, role: me?.actor.role, all, isAlone, name: (id) => (id === own ? "you" : all.find((one) => one.id === id)?.email) };
}
