// The team of an object and the links that it names in its annotations, for the facts of an issue or an object. They come from a cluster: titles
// are text, and only addresses of the web lead anywhere.
import { Link } from "@tanstack/react-router";
import type { Schemas } from "../api/client";

const WEB = /^https?:\/\/\S+$/;

export function entityLinks(links: Schemas["EntityLinkShape"][] | null | undefined) {
  const shown = links?.filter((one) => WEB.test(one.url)) ?? [];
  if (!shown.length) return null;
  return (
    <span className="flex flex-wrap gap-x-3">
      {shown.map((one) => (
        <a
          key={one.annotation}
          href={one.url}
          title={`${one.url}\n${one.annotation}`}
          target="_blank"
          rel="noopener noreferrer"
          className="rounded-sm break-words text-accent hover:underline"
        >
          {one.title}
        </a>
      ))}
    </span>
  );
}

/** The team that owns what fails, leading to its open issues, and what decided it. */
export function Team({ name, from }: { name: string; from: string | null | undefined }) {
  return (
    <>
      <Link to="/issues" search={{ team: name } as never} title="Issues of this team" className="text-accent hover:underline">
        {name}
      </Link>
      {from && <span className="text-muted"> ({from})</span>}
    </>
  );
}
