import { Empty } from "../../parts";

export function Join() {
  return <Empty title="Join" />;
}
