import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { may, meQuery } from "../../api/session";
import { NewButton } from "../../parts";

/** Leads to the form that connects a cluster; disabled for a role that cannot. */
export function ConnectButton() {
  const go = useNavigate();
  const { data: me } = useQuery(meQuery);
  const mayConnect = may(me, "clusters:write");
  return (
    <NewButton refused={!mayConnect && "Your role cannot connect clusters"} onClick={() => void go({ to: "/clusters/new" })}>
      Connect a cluster
    </NewButton>
  );
}
