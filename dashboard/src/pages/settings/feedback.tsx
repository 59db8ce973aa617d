// How people rate analyses: counts by type of issue and cause, and how they went over time.
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { Cell, dateText, Failed, Loading, Options, Row, Section, Select, Table } from "../../parts";
import { reasonText } from "../feedbackreasons";

type Counts = Schemas["FeedbackCounts"];
type Range = Counts["range"];

const RANGES: [Range, string][] = [
  ["24h", "24 hours"],
  ["7d", "7 days"],
  ["30d", "30 days"],
];
const NO_CAUSE = "No cause found";

const countsQuery = (range: Range) =>
  queryOptions({
    queryKey: ["feedback", "counts", range],
    queryFn: ({ signal }) => send<Counts>("GET", "/v1/analyses/feedback", { query: { range }, signal }),
  });

export function FeedbackCounts() {
  const [range, choose] = useState<Range>("30d");
  const found = useQuery({ ...countsQuery(range), placeholderData: keepPreviousData });
  const choice = (
    <Select aria-label="Range" className="h-8! w-auto text-sm!" value={range} onChange={(event) => choose(event.target.value as Range)}>
      <Options of={RANGES} />
    </Select>
  );
  return (
    <Section title="Feedback" actions={choice}>
      {found.isLoadingError ? (
        <Failed error={found.error} what="Could not load the feedback" retry={() => void found.refetch()} />
      ) : found.data ? (
        <Shown of={found.data} />
      ) : (
        <Loading rows={2} />
      )}
    </Section>
  );
}

function Shown({ of }: { of: Counts }) {
  if (!of.groups.length)
    return <p className="max-w-prose text-muted">No feedback in this range. Members can rate the analysis on the page of each issue.</p>;
  return (
    <>
      <p>
        <span aria-hidden className="mr-1 inline-block size-2.5 bg-accent" />
        {of.helpful.toLocaleString()} helpful
        <span aria-hidden className="mr-1 ml-4 inline-block size-2.5 border border-critical bg-critical-tint" />
        {of.notHelpful.toLocaleString()} not helpful
      </p>
      <OverTime of={of} />
      <div className="-mx-4 mt-3">
        <Table label="Feedback by issue type and cause" head={["Issue type", "Cause", "Helpful", "Not helpful", "Reasons"]}>
          {of.groups.map((one) => (
            <Row key={`${one.issueType} ${one.cause}`}>
              <Cell>{one.issueType}</Cell>
              <Cell>{one.cause ? <code>{one.cause}</code> : <span className="text-muted">{NO_CAUSE}</span>}</Cell>
              <Cell>{one.helpful.toLocaleString()}</Cell>
              <Cell>{one.notHelpful.toLocaleString()}</Cell>
              <Cell>{one.reasons.map((reason) => `${reasonText(reason.reason)} ${reason.number}`).join(", ")}</Cell>
            </Row>
          ))}
        </Table>
      </div>
      {of.totalGroups > of.groups.length && (
        <p className="mt-2 text-xs text-muted">
          The {of.groups.length} most rated of {of.totalGroups}.
        </p>
      )}
    </>
  );
}

/** Votes in each part of the range, not helpful ones on top with a pattern of their own; the table says the same in numbers. */
function OverTime({ of }: { of: Counts }) {
  const most = Math.max(...of.buckets.map((one) => one.helpful + one.notHelpful), 1);
  const height = (number: number) => `${(number / most) * 100}%`;
  const day = (at: string) => dateText(at, { dateStyle: "medium", timeStyle: of.range === "30d" ? undefined : "short" });
  return (
    <ol aria-label="Feedback over time" className="mt-3 flex h-16 items-end gap-px border-b border-line">
      {of.buckets.map((one) => {
        const text = `${day(one.at)}: ${one.helpful} helpful, ${one.notHelpful} not helpful`;
        return (
          <li key={one.at} title={text} className="flex h-full min-w-0 flex-1 flex-col justify-end">
            <span className="sr-only">{text}</span>
            <span
              aria-hidden
              className="border border-b-0 border-critical bg-critical-tint"
              style={{ height: height(one.notHelpful) }}
              hidden={!one.notHelpful}
            />
            <span aria-hidden className="bg-accent" style={{ height: height(one.helpful) }} />
          </li>
        );
      })}
    </ol>
  );
}
