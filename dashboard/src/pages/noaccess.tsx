// A page that the signed-in person may not open, in plain words: it did not fail, and trying again does not help.
import { useQuery } from "@tanstack/react-query";
import { isLimited, meQuery } from "../api/session";
import { Empty } from "../parts";

/** `to` completes "you cannot …", such as "view webhooks". `isOfOwners`: admins cannot, either. */
export function NoAccess({ to, isOfOwners = false }: { to: string; isOfOwners?: boolean }) {
  const { data: me } = useQuery(meQuery);
  if (isLimited(me))
    return (
      <Empty title="Limited access">
        Your access is limited, so you cannot {to}. Ask an owner{!isOfOwners && " or admin"} of the organization.
      </Empty>
    );
  return (
    <Empty title={isOfOwners ? "Owners only" : "Admins only"}>
      Your role{me?.actor.role ? ` (${me.actor.role})` : ""} cannot {to}; {isOfOwners ? "owners can" : "admins and owners can"}.
    </Empty>
  );
}
