import { Empty } from "../../parts";

export function ExecutionDetail() {
  return <Empty title="ExecutionDetail" />;
}
