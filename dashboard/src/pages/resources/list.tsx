import { Empty } from "../../parts";

export function ResourceList() {
  return <Empty title="ResourceList" />;
}
