import { Empty } from "../../parts";

export function NewCluster() {
  return <Empty title="NewCluster" />;
}
