// Delegations of the right to approve as the API gives them.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { meQuery } from "../../api/session";

export type Delegation = Schemas["DelegationShape"];

export const delegationsQuery = queryOptions({
  queryKey: ["delegations"],
  queryFn: ({ signal }) => send<{ delegations: Delegation[] }>("GET", "/v1/delegations", { signal }),
});

/** Who has delegated approvals to the signed-in person, of those who did not request this execution; nobody for one's own. */
export function useDelegators(requestedBy: string, isWaiting: boolean): Delegation["delegator"][] {
  const { data: me } = useQuery(meQuery);
  const own = me?.actor.kind === "person" ? me.actor.id : undefined;
  const { data } = useQuery({ ...delegationsQuery, enabled: isWaiting && own !== undefined && own !== requestedBy, retry: false });
  if (!isWaiting || own === requestedBy) return [];
  return (data?.delegations ?? [])
    .filter((one) => one.active && one.delegate.id === own && one.delegator.id !== requestedBy)
    .map((one) => one.delegator);
}
