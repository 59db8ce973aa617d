// A document from what Optral recorded, to read, copy and download: the post-mortem of an issue, the change record of an execution and the
// handover of a shift. The server writes it when the dialog opens, and it does not change while it is read.

import { queryOptions, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Copy, Download } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { type Schemas, send } from "../api/client";
import { Button, Dialog, Failed, Loading, Options, Select, useCopy } from "../parts";
import { save } from "../parts/save";
import { Prose } from "./issues/claims";

const HOURS = ["4", "8", "12", "24", "72", "168"] as const;
const USUAL_HOURS = "8";

const documentQuery = (path: string, hours?: string) =>
  queryOptions({
    queryKey: ["document", path, hours],
    queryFn: ({ signal }) => send<Schemas["DocumentShape"]>("GET", path, { query: { hours }, signal }),
    staleTime: Infinity,
    gcTime: 0,
  });

const ofIssue = (id: string) => `/v1/issues/${encodeURIComponent(id)}/post-mortem`;
const ofExecution = (id: string) => `/v1/executions/${encodeURIComponent(id)}/change-record`;

interface Opened {
  id: string;
  onClose: () => void;
}

export const PostMortem = ({ id, onClose }: Opened) => <DocumentDialog title="Post-mortem" path={ofIssue(id)} onClose={onClose} />;
export const ChangeRecord = ({ id, onClose }: Opened) => <DocumentDialog title="Change record" path={ofExecution(id)} onClose={onClose} />;

export function Handover({ onClose }: { onClose: () => void }) {
  const [hours, choose] = useState<string>(USUAL_HOURS);
  return (
    <DocumentDialog title="Handover" path="/v1/handover" hours={hours} onClose={onClose}>
      <label className="mr-auto flex items-center gap-2 text-sm">
        Hours back and ahead
        <Select className="w-20" value={hours} onChange={(event) => choose(event.target.value)}>
          <Options of={HOURS} />
        </Select>
      </label>
    </DocumentDialog>
  );
}

interface Props {
  title: string;
  path: string;
  hours?: string;
  onClose: () => void;
  /** In front of the buttons. */
  children?: ReactNode;
}

function DocumentDialog({ title, path, hours, onClose, children }: Props) {
  const { data: found, isLoadingError, error, refetch } = useQuery(documentQuery(path, hours));
  const [status, copy] = useCopy();
  const text = useRef<HTMLDivElement>(null);
  return (
    <Dialog
      open
      wide
      isText
      onClose={onClose}
      title={found?.title ?? title}
      footer={
        <>
          {children}
          <span aria-live="polite" className="self-center text-xs text-muted">
            {status}
          </span>
          <Button disabled={!found} icon={<Copy aria-hidden />} onClick={() => void copy(found!.markdown, text.current)}>
            Copy
          </Button>
          <Button
            disabled={!found}
            icon={<Download aria-hidden />}
            onClick={() => save(fileName(found!), found!.markdown, "text/markdown")}
          >
            Download
          </Button>
        </>
      }
    >
      {isLoadingError ? (
        <Failed error={error} what="Could not load the document" retry={() => void refetch()} />
      ) : found ? (
        <div ref={text}>
          <p className="text-xs text-muted">
            From the records of Optral at {utc(found.at)}. Times are in UTC. Ids in parentheses are the sources
            {found.subjectId && (
              <>
                ; a line without them rests on <Id of={found.subjectId} onOpen={onClose} />
              </>
            )}
            .
          </p>
          {found.sections.map((one) => (
            <Part key={one.key} section={one} subject={found.subjectId} onOpen={onClose} />
          ))}
        </div>
      ) : (
        <Loading label="Loading the document" />
      )}
    </Dialog>
  );
}

const utc = (at: string) => at.slice(0, 19).replace("T", " ");

export const fileName = ({ kind, subjectId, at }: Schemas["DocumentShape"]) =>
  `${kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-${subjectId ?? at.slice(0, 16)}.md`;

type Shown = { section: Schemas["DocumentSection"]; subject: string | null | undefined; onOpen: () => void };

function Part({ section: { heading, facts, missing, leftOut, forPeople }, subject, onOpen }: Shown) {
  return (
    <section className="mt-4">
      <h3 className="font-semibold">{heading}</h3>
      <ul className="mt-1 list-disc pl-5 break-words">
        {facts.map(({ at, label, text, ids }, index) => (
          <li key={index}>
            {at && <time dateTime={at}>{utc(at)} </time>}
            {label && <b>{label}: </b>}
            <Prose>{text}</Prose>
            {!(ids.length === 1 && ids[0] === subject) && (
              <span className="text-xs text-muted">
                {" ("}
                {ids.map((id, place) => [place > 0 && ", ", <Id key={id} of={id} onOpen={onOpen} />])})
              </span>
            )}
          </li>
        ))}
        {leftOut > 0 && <li>{leftOut} more are not listed.</li>}
        {missing.map((text) => (
          <li key={text} className="text-muted italic">
            <Prose>{text}</Prose>
          </li>
        ))}
      </ul>
      {forPeople && <p className="text-muted italic">For people to write.</p>}
    </section>
  );
}

const PAGES: Record<string, string> = { iss: "issues", exe: "executions", cls: "clusters" };

/** An id, which opens what has a page of its own. */
function Id({ of: id, onOpen }: { of: string; onOpen: () => void }) {
  const page = PAGES[id.split("_")[0]!];
  const look = "font-mono text-xs break-all";
  if (!page) return <code className={look}>{id}</code>;
  return (
    <Link to={`/${page}/${id}` as never} onClick={onOpen} className={`${look} text-accent underline`}>
      {id}
    </Link>
  );
}
