// What ends with a membership, read before it is removed: tokens and secrets that a member holds outlive their session.
import { queryOptions, useQuery } from "@tanstack/react-query";
import { type Schemas, send } from "../../api/client";
import { Failed, Loading } from "../../parts";

type Ends = Schemas["RemovalShape"];
type Several = "fleetTokens" | "enrollmentTokens" | "triggers" | "webhooks" | "forges" | "executions";

const removalQuery = (memberId: string) =>
  queryOptions({
    queryKey: ["members", memberId, "removal"],
    queryFn: ({ signal }) => send<Schemas["MemberRemoval"]>("GET", `/v1/members/${encodeURIComponent(memberId)}/removal`, { signal }),
    staleTime: 0,
  });

const SENTENCES: [Several, string, string][] = [
  ["fleetTokens", "Revokes fleet tokens:", "The clusters that they enrolled stay connected."],
  ["enrollmentTokens", "Revokes unused enrollment tokens of:", ""],
  [
    "triggers",
    "Blocks triggers:",
    "Signed triggers stay blocked until you roll their secrets, the others until somebody who can run runbooks saves them.",
  ],
  ["executions", "Cancels executions that wait for approval:", ""],
  ["webhooks", "Keeps webhooks:", "The member has seen their secrets; roll them so that the member can no longer sign as Optral."],
  ["forges", "Keeps connections to Git providers:", "Replace their tokens if they belong to the member."],
];

export function Removal({ memberId }: { memberId: string }) {
  const { data, error, refetch } = useQuery(removalQuery(memberId));
  if (error) return <Failed error={error} what="Could not load the effects of the removal" retry={() => void refetch()} />;
  if (!data) return <Loading rows={2} />;
  const found = SENTENCES.filter(([name]) => data.ends[name].length > 0);
  return (
    <ul>
      {found.map(([name, before, after]) => (
        <li key={name}>
          {before} {names(data.ends, name)}. {after}
        </li>
      ))}
    </ul>
  );
}

const names = (ends: Ends, of: Several) => ends[of].map((one) => one.name).join(", ");
