// Before the first cluster is connected: what to do first.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ConnectButton } from "../clusters/connectbutton";
import { MORE } from "./card";

export function FirstRun() {
  return (
    <div className="mx-auto w-full max-w-2xl px-4 py-10">
      <h2 className="text-xl font-semibold">Connect your first cluster</h2>
      <p className="mt-1 text-muted">
        Optral shows what is broken in your clusters, why, and how to fix it. An agent in each cluster reports to this server.
      </p>
      <ol className="mt-6 flex flex-col gap-px overflow-hidden rounded-md border border-line bg-line">
        <Step number={1} title="Install the agent" action={<ConnectButton />}>
          Name the cluster and run one command, with Helm, kubectl, Argo CD or Flux. The agent opens outbound connections only, so the
          cluster needs no open port. It is read-only until you allow changes.
        </Step>
        <Step number={2} title="Wait for the first inventory">
          It takes about a minute. Existing failures become issues, each with its cause.
        </Step>
        <Step
          number={3}
          title="Get notified"
          action={
            <Link to="/settings/$tab" params={{ tab: "webhooks" }} className={MORE}>
              Set up a webhook
            </Link>
          }
        >
          Send new issues to a chat or an incident tool.
        </Step>
        <Step
          number={4}
          title="Invite your team"
          action={
            <Link to="/settings/$tab" params={{ tab: "members" }} className={MORE}>
              Invite members
            </Link>
          }
        >
          Give everybody the role they need: viewer, operator or admin.
        </Step>
      </ol>
    </div>
  );
}

function Step({ number, title, action, children }: { number: number; title: string; action?: ReactNode; children: ReactNode }) {
  return (
    <li className="flex gap-4 bg-bg px-4 py-4 max-sm:flex-col max-sm:gap-2">
      <span aria-hidden className="flex size-6 shrink-0 items-center justify-center rounded-full border border-line text-xs font-semibold">
        {number}
      </span>
      <div className="min-w-0 flex-1">
        <h3 className="font-semibold">{title}</h3>
        <p className="text-muted">{children}</p>
      </div>
      {action && <div className="flex shrink-0 items-center">{action}</div>}
    </li>
  );
}
