// What a trigger would do, while it is being written: the open issues that match now, or the next times of the schedule.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { type Schemas, send } from "../../api/client";
import { Clock, Failed, Glyph, plural, Spinner } from "../../parts";
import type { WithoutNulls } from "../runbooks/queries";
import { errorsOf } from "./draft";

type Preview = WithoutNulls<Schemas["PreviewShape"]>;

const PAUSE_MS = 400;

export const usePreview = (body: Record<string, unknown> | undefined) => useAsked<Preview>("/v1/triggers/preview", body);

/** Asks once the writing pauses. `errors`: what the server says is wrong, by field. */
export function useAsked<T>(path: string, body: Record<string, unknown> | undefined) {
  const wanted = body && JSON.stringify(body);
  const [asked, ask] = useState(wanted);
  useEffect(() => {
    if (wanted === asked) return;
    const timer = setTimeout(() => ask(wanted), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [wanted, asked]);
  const query = useQuery({
    queryKey: ["preview", path, asked],
    queryFn: ({ signal }) => send<T>("POST", path, { body: JSON.parse(asked!), signal }),
    enabled: asked !== undefined,
    retry: false,
    placeholderData: keepPreviousData,
  });
  const errors = query.error && wanted === asked ? errorsOf(query.error) : {};
  return { query, errors, isAsked: wanted !== undefined, isOld: wanted !== asked || query.isPlaceholderData };
}

export function PreviewBox({ of, empty }: { of: ReturnType<typeof usePreview>; empty: string }) {
  return (
    <AskedBox of={of} empty={empty}>
      {(found) => (
        <>
          {found.nextTimes && <Times of={found.nextTimes} />}
          {found.matching !== undefined && <Matching of={found} />}
        </>
      )}
    </AskedBox>
  );
}

interface AskedBoxProps<T> {
  of: ReturnType<typeof useAsked<T>>;
  /** Shown while there is nothing to ask, or the server says which field is wrong. */
  empty: string;
  children: (found: T) => ReactNode;
}

export function AskedBox<T>({ of, empty, children }: AskedBoxProps<T>) {
  const { query, errors, isAsked, isOld } = of;
  const isWrong = Object.keys(errors).some((name) => name !== "form");
  return (
    <section aria-label="Preview" aria-live="polite" className="rounded-sm bg-surface px-3 py-2">
      {!isAsked || isWrong ? (
        <p className="text-muted">{empty}</p>
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load the preview" retry={() => void query.refetch()} />
      ) : query.data ? (
        <div className={isOld ? "opacity-60" : undefined}>{children(query.data)}</div>
      ) : (
        <p className="flex items-center gap-2 text-muted">
          <Spinner /> Loading the preview…
        </p>
      )}
    </section>
  );
}

function Times({ of }: { of: string[] }) {
  return (
    <p>
      Next:{" "}
      {of.map((at, index) => (
        <span key={at}>
          {index > 0 && ", "}
          <Clock at={at} />
        </span>
      ))}{" "}
      <span className="text-muted">in your time zone.</span>
    </p>
  );
}

function Matching({ of }: { of: Preview }) {
  const many = of.matching ?? 0;
  const count = `${of.isWhole ? "" : "At least "}${plural(many, "open issue")} ${many === 1 ? "matches" : "match"} now.`;
  return (
    <>
      <p>
        {many || !of.isWhole ? count : "No open issue matches now."}{" "}
        <span className="text-muted">The trigger fires only for issues that open after you save it.</span>
      </p>
      {!!of.issues?.length && (
        <ul className="mt-1 flex flex-col gap-0.5">
          {of.issues.map((one) => (
            <li key={one.id} className="flex items-baseline gap-2">
              <Glyph tone={one.severity} />
              <Link
                to="/issues/$issueId"
                params={{ issueId: one.id }}
                search={true as never}
                target="_blank"
                className="min-w-0 rounded-sm break-words text-accent hover:underline"
              >
                {one.title}
              </Link>
            </li>
          ))}
          {many > of.issues.length && <li className="text-muted">and {many - of.issues.length} more</li>}
        </ul>
      )}
    </>
  );
}
