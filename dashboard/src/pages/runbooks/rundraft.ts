// A run that is being prepared: what was entered, the plan of its dry run, and why the server refused it.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { freshKey, Problem } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { isWithdrawn, useConfirmed } from "../settings/confirm";
import { glassMistake } from "./freeze";
import { mistakes, nameToType, refusedFields, requestParameters, type Values } from "./parameters";
import { type Execution, execute, type Runbook } from "./queries";

const PLAN_WAIT_S = 20;

interface Draft {
  runbook: Runbook;
  start: () => Values;
  /** Empty while none is chosen. */
  clusterId: string;
  issueId: string | undefined;
  onStarted: (executionId: string) => void;
}

/** `send` plans the run, or starts it. `wrong` holds messages by field, `message` what concerns the whole. A change drops the plan. */
export function useRunDraft({ runbook, start, clusterId, issueId, onStarted }: Draft) {
  const { data: me } = useQuery(meQuery);
  const [values, setValues] = useState<Values>(start);
  const [reason, setReason] = useState("");
  const [typed, type] = useState("");
  const [allowDrift, setDrift] = useState(false);
  const [glass, breakGlass] = useState("");
  const [wrong, setWrong] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<Error | null>(null);
  const [busy, setBusy] = useState<"plan" | "run" | null>(null);
  const [planned, setPlanned] = useState<Execution | null>(null);
  const key = useRef(freshKey());
  const client = useQueryClient();
  const [sheet, confirmed] = useConfirmed();
  const isDestructive = runbook.risk === "destructive";
  const name = nameToType(values);
  const dropPlan = () => {
    setPlanned(null);
    key.current = freshKey();
  };
  const change = (one: string, value: Values[string]) => {
    setValues({ ...values, [one]: value });
    setWrong(({ [one]: _, ...rest }) => rest);
    dropPlan();
  };
  const send = async (dryRun: boolean) => {
    const found = mistakes(runbook.parameters, values);
    if (!clusterId) found[" cluster"] = "Choose a cluster.";
    if (!dryRun && glassMistake(glass)) found.breakGlass = glassMistake(glass)!;
    if (!dryRun && isDestructive && typed.trim() !== name) found[" typed"] = `Type ${name || "the name"} to confirm.`;
    setWrong(found);
    setMessage(null);
    if (Object.keys(found).length) return;
    setBusy(dryRun ? "plan" : "run");
    const request = {
      clusterId,
      issueId,
      parameters: requestParameters(runbook.parameters, values),
      dryRun,
      allowDrift: allowDrift || undefined,
      reason: reason.trim() || undefined,
      breakGlass: (!dryRun && glass.trim()) || undefined,
    };
    try {
      const created = await confirmed(() => execute(runbook.slug, request, dryRun ? freshKey() : key.current, dryRun ? PLAN_WAIT_S : 0));
      void client.invalidateQueries({ predicate: (query) => ["executions", "runbook"].includes(String(query.queryKey[0])) });
      if (dryRun) setPlanned(created);
      else onStarted(created.id);
    } catch (error) {
      if (isWithdrawn(error)) return;
      if (error instanceof Problem) {
        setWrong(refusedFields(error));
        key.current = freshKey();
      }
      setMessage(error as Error);
    } finally {
      setBusy(null);
    }
  };
  const blocked = !may(me, "runbooks:execute")
    ? `Your role${me?.actor.role ? ` (${me.actor.role})` : ""} can view runbooks but not run them; operators can.`
    : !runbook.enabled
      ? "This runbook is disabled."
      : null;
  const entered = { values, reason, typed, allowDrift, glass };
  const shown = { me, name, isDestructive, wrong, message, busy, planned, blocked, sheet };
  return { ...entered, ...shown, change, dropPlan, setReason, type, setDrift, breakGlass, setMessage, send };
}
