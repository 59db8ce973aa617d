// Deliveries of a webhook: the test delivery, and the list of past deliveries.

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { freshKey, send } from "../../api/client";
import {
  Badge,
  Button,
  Cell,
  ChoiceSelect,
  counted,
  Dialog,
  Empty,
  Failed,
  FormError,
  Loading,
  Mark,
  Row,
  Spinner,
  Table,
  Time,
  toast,
  toastError,
} from "../../parts";
import {
  type Delivery,
  deliveriesQuery,
  deliveryQuery,
  isHeld,
  isNotAttempted,
  outcome,
  shownAs,
  type Webhook,
  webhookPath,
} from "./webhook";

/** Sends a test at once, and stays with it until the endpoint answered. */
export function TestDialog({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const [sent, setSent] = useState<Delivery | null>(null);
  const [failed, fail] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  const [key] = useState(freshKey);
  useEffect(() => {
    let isGone = false;
    setSent(null);
    fail(null);
    send<Delivery>("POST", webhookPath(webhook.id, "/test"), { body: {}, idempotencyKey: `${key}-${round}` }).then(
      (one) => !isGone && setSent(one),
      (error: unknown) => !isGone && fail(error),
    );
    return () => {
      isGone = true;
    };
  }, [webhook.id, key, round]);
  const { data: now } = useQuery({ ...deliveryQuery(webhook.id, sent?.id ?? ""), enabled: sent !== null });
  const isWaiting = !failed && (!now || isNotAttempted(now));
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Test ${webhook.name}`}
      description={webhook.url}
      footer={
        <>
          <Button disabled={isWaiting} onClick={() => setRound(round + 1)}>
            Test again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      <div role="status" className="min-h-16">
        {failed !== null ? (
          <FormError>{failed instanceof Error ? failed.message : String(failed)}</FormError>
        ) : isWaiting ? (
          <p className="flex items-center gap-2 text-muted">
            <Spinner /> Sent. Waiting for the response…
          </p>
        ) : (
          <>
            <p className="flex items-center gap-2">
              {now!.status === "delivered" ? <Badge tone="ok">Delivered</Badge> : <Badge tone="critical">Not delivered</Badge>} Endpoint:{" "}
              {outcome(now!)}.
            </p>
            {now!.nextAttemptAt && (
              <p className="mt-1 text-muted">
                Next attempt <Time planned at={now!.nextAttemptAt} />.
              </p>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

export function Deliveries({ webhook, mayWrite, onClose }: { webhook: Webhook; mayWrite: boolean; onClose: () => void }) {
  const [status, setStatus] = useState("");
  const query = useQuery({ ...deliveriesQuery(webhook.id, status || undefined), placeholderData: keepPreviousData });
  const client = useQueryClient();
  const again = async (one: Delivery) => {
    try {
      await send("POST", webhookPath(webhook.id, `/deliveries/${encodeURIComponent(one.id)}/redeliver`), {
        body: {},
        idempotencyKey: freshKey(),
      });
      toast("Redelivery started with the same id", { tone: "low" });
    } catch (error) {
      toastError(error);
    }
    void client.invalidateQueries({ queryKey: ["deliveries", webhook.id] });
  };
  const found = query.data?.deliveries ?? [];
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={`Deliveries of ${webhook.name}`}
      description="Kept for 30 days. Response bodies are not stored, only the status."
    >
      <div className="mb-2 max-w-48">
        <ChoiceSelect
          aria-label="Status"
          none="all"
          of={["failed", "pending", "delivered"]}
          value={status}
          onChange={(chosen = "") => setStatus(chosen)}
        />
      </div>
      {query.isPending ? (
        <Loading label="Loading deliveries" rows={4} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load deliveries" retry={() => void query.refetch()} />
      ) : found.length === 0 ? (
        <Empty title={status ? "No matching deliveries" : "No deliveries yet"}>
          {status ? "Choose another status to see more." : "Send a test to create one."}
        </Empty>
      ) : (
        <div className="-mx-5">
          <Table label="Deliveries" head={["Event", "Outcome", "When", <span className="sr-only">Actions</span>]}>
            {found.map((one) => {
              const [tone, word] = shownAs(one);
              return (
                <Row key={one.id}>
                  <Cell>
                    <span className="font-medium">{one.event}</span>
                    {one.subjectTitle && (
                      <Link
                        to="/issues/$issueId"
                        params={{ issueId: one.subjectId! }}
                        className="block max-w-72 truncate text-accent hover:underline"
                        title={one.subjectTitle}
                      >
                        {one.subjectTitle}
                      </Link>
                    )}
                    <span className="block max-w-56 truncate font-mono text-xs text-muted" title={one.id}>
                      {one.id}
                    </span>
                  </Cell>
                  <Cell className="min-w-40">
                    <Mark tone={tone}>{word}</Mark>
                    <span className="block text-xs text-muted">
                      {isHeld(one) ? (
                        <>
                          to be sent <Time planned at={one.nextAttemptAt} />
                        </>
                      ) : (
                        outcome(one)
                      )}
                      {one.attempts > 1 && `, ${one.attempts} attempts`}
                      {one.nextAttemptAt && one.attempts > 0 && (
                        <>
                          , next attempt <Time planned at={one.nextAttemptAt} />
                        </>
                      )}
                    </span>
                  </Cell>
                  <Cell className="text-muted">
                    <Time at={one.createdAt} />
                  </Cell>
                  <Cell className="text-right">
                    {mayWrite && !isNotAttempted(one) && (
                      <Button small aria-label={`Redeliver ${one.event}`} onClick={() => void again(one)}>
                        Redeliver
                      </Button>
                    )}
                  </Cell>
                </Row>
              );
            })}
          </Table>
          {query.data.total > found.length && (
            <p className="px-5 pt-2 text-xs text-muted">
              Showing the newest {found.length} of {counted(query.data.total)}.
            </p>
          )}
        </div>
      )}
    </Dialog>
  );
}
