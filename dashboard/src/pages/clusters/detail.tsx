import { Empty } from "../../parts";

export function ClusterDetail() {
  return <Empty title="ClusterDetail" />;
}
