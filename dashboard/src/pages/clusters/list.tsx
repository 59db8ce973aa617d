import { Empty } from "../../parts";

export function ClusterList() {
  return <Empty title="ClusterList" />;
}
