import { useQuery } from "@tanstack/react-query";
import { send } from "../../api/client";
import { meQuery } from "../../api/session";
import { Facts, Section } from "../../parts";

// What stands in the pages that a browser loads; the server's own parts are named in the package.
export const PARTS: [name: string, licence: string][] = [
  ["React", "MIT"],
  ["Radix Primitives", "MIT"],
  ["TanStack Router, Query, Virtual", "MIT"],
  ["Tailwind CSS", "MIT"],
  ["Lucide icons", "ISC"],
  ["CodeMirror", "MIT"],
  ["js-yaml", "MIT"],
  ["uPlot", "MIT"],
  ["openapi-fetch", "MIT"],
];

export function About() {
  const { data: contract } = useQuery({
    queryKey: ["contract"],
    queryFn: ({ signal }) => send<{ info: { title: string; version: string } }>("GET", "/v1/openapi.json", { signal }),
    staleTime: Infinity,
    select: (whole) => whole.info,
  });
  const { data: me } = useQuery(meQuery);
  return (
    <>
      <Section title="Optral">
        <Facts
          of={[
            ["Version", contract?.version ?? "…"],
            ["License", "Apache-2.0"],
            ["Server", location.origin],
            ["Organization", me && `${me.organisation.name} (${me.organisation.id})`],
            [
              "API",
              <a href="/docs" className="rounded-sm text-accent underline">
                API explorer
              </a>,
            ],
            [
              "Health",
              <a href="/readyz" className="rounded-sm text-accent underline">
                /readyz
              </a>,
            ],
          ]}
        />
      </Section>
      <Section title="Built with">
        <ul className="columns-1 sm:columns-2">
          {PARTS.map(([name, licence]) => (
            <li key={name}>
              {name} <span className="text-muted">({licence})</span>
            </li>
          ))}
        </ul>
      </Section>
    </>
  );
}
