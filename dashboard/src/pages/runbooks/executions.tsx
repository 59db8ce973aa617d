import { Empty } from "../../parts";

export function ExecutionList() {
  return <Empty title="ExecutionList" />;
}
