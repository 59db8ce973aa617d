import { Empty } from "../../parts";

export function ResourceDetail() {
  return <Empty title="ResourceDetail" />;
}
