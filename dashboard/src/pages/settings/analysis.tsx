// What is done for an issue before anybody looks at it: automatic analysis, captured logs, and the language model that the operator of the
// server may have configured.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { type Schemas, send } from "../../api/client";
import { may, meQuery, seesWhole } from "../../api/session";
import { Button, Facts, Failed, FormDialog, Loading, Section, Switch, Time } from "../../parts";
import type { WithoutNulls } from "../runbooks/queries";
import { useChange } from "./change";
import { FeedbackCounts } from "./feedback";
import { ModelUsage } from "./modelusage";
import { automaticQuery, captureQuery, modelQuery } from "./queries";

type Model = WithoutNulls<Schemas["AiShape"]>;

export function AnalysisTab() {
  const { data: me } = useQuery(meQuery);
  const mayWrite = may(me, "detectors:write");
  const automatic = useQuery(automaticQuery);
  const capture = useQuery(captureQuery);
  const model = useQuery(modelQuery);
  const { change: run, isBusy: busy, sheet } = useChange(["analysisSettings"]);
  const change: Change = (path, body) => run(() => send("PATCH", path, { body }), "Saved");
  if (automatic.isPending || capture.isPending || model.isPending) return <Loading rows={4} />;
  const failed = [automatic, capture, model].find((one) => one.isLoadingError);
  if (failed || !automatic.data || !capture.data || !model.data) {
    return <Failed error={failed?.error} what="Could not load the analysis settings" retry={() => void failed?.refetch()} />;
  }
  return (
    <>
      <Section title="Automatic analysis">
        <Switch
          isOn={automatic.data.enabled}
          disabled={!mayWrite || busy}
          label="Analyze severe issues when they open"
          hint="Otherwise an issue is analyzed on request. Evidence goes to a language model only if one is enabled below."
          onChange={(enabled) => void change("/v1/automatic-analysis", { enabled })}
        />
      </Section>
      <Section title="Captured logs">
        <Switch
          isOn={capture.data.enabled}
          disabled={!mayWrite || busy}
          label="Keep the last log lines of a container when its issue opens"
          hint="Secrets are redacted, and the lines are kept for two weeks."
          onChange={(enabled) => void change("/v1/log-capture", { enabled })}
        />
      </Section>
      <LanguageModel of={model.data} mayWrite={mayWrite} busy={busy} change={change} />
      {model.data.configured && <ModelUsage />}
      {seesWhole(me) && <FeedbackCounts />}
      {!mayWrite && <p className="px-4 py-3 text-muted">Your role cannot change these settings; admins and owners can.</p>}
      {sheet}
    </>
  );
}

type Change = (path: string, body: Record<string, unknown>) => Promise<void>;

function LanguageModel({ of: model, mayWrite, busy, change }: { of: Model; mayWrite: boolean; busy: boolean; change: Change }) {
  const [asking, ask] = useState(false);
  if (!model.configured) {
    return (
      <Section title="Language model">
        <p className="max-w-prose text-muted">
          No language model is configured. Analyses use rules alone. The operator of the server can configure a model, and your organization
          then decides whether evidence may be sent to it.
        </p>
      </Section>
    );
  }
  return (
    <Section title="Language model">
      <Facts
        of={[
          ["Model", `${model.provider} ${model.model}`],
          ["Evidence is sent to", <code key="destination">{model.destination}</code>],
          ["Used today", used(model)],
          ["Limit per day", limits(model)],
          ["Resets", <Time key="resets" at={model.resetsAt} />],
        ]}
      />
      {model.allowedDestination && (
        <p className="mt-3 max-w-prose">
          Your organization allowed <code>{model.allowedDestination}</code>. The destination has changed since then, so nothing is sent.
        </p>
      )}
      <div className="mt-3">
        {model.enabled ? (
          <Button disabled={!mayWrite || busy} onClick={() => void change("/v1/ai", { enabled: false })}>
            Disable the model
          </Button>
        ) : (
          <Button disabled={!mayWrite || busy} onClick={() => ask(true)}>
            Enable the model…
          </Button>
        )}
      </div>
      {asking && (
        <FormDialog
          onClose={() => ask(false)}
          title="Send evidence to the language model?"
          description={`Names of objects, fields, events and redacted log lines of analyzed issues are sent to ${model.destination}.`}
          submit="Enable"
          onSubmit={() => {
            ask(false);
            void change("/v1/ai", { enabled: true, destination: model.destination });
          }}
        />
      )}
    </Section>
  );
}

const dollars = (amount: number | undefined) => (amount === undefined ? "" : `, $${amount.toFixed(2)}`);
const used = ({ today }: Model) =>
  `${today.requests.toLocaleString()} requests, ${(today.inputTokens + today.outputTokens).toLocaleString()} tokens${dollars(today.costUsd)}`;
const limits = ({ daily }: Model) => (daily ? `${daily.tokens.toLocaleString()} tokens${dollars(daily.costUsd)}` : null);
