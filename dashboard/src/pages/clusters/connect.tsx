import { Empty } from "../../parts";

export function ConnectCluster() {
  return <Empty title="ConnectCluster" />;
}
