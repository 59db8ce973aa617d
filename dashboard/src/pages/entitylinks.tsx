// Links that an object names in its annotations, for the facts of an issue or an object. They come from a cluster: titles are text, and only
// addresses of the web lead anywhere.
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
