// GitOps: the forges in which executions open pull requests, and the dialogs to test, edit and delete a connection.

import { useQuery } from "@tanstack/react-query";
import { PlugZap } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { may, meQuery } from "../../api/session";
import { Button, Cell, Dialog, Empty, Failed, Glyph, Loading, MenuItem, MenuLine, MoreMenu, NewButton, Row, Table } from "../../parts";
import { NoAccess } from "../noaccess";
import { DeleteDialog } from "./deletedialog";
import { type Forge, type ForgeTest, forgePath, forgesQuery, KINDS } from "./forge";
import { ForgeDialog } from "./forgedialog";
import { ForgeWebhookDialog } from "./forgewebhook";
import { Introduction } from "./introduction";

export function Forges() {
  const { data: me } = useQuery(meQuery);
  const mayRead = may(me, "forges:read");
  const mayWrite = may(me, "forges:write");
  const query = useQuery({ ...forgesQuery, enabled: mayRead });
  const [isMaking, make] = useState(false);
  const create = (
    <NewButton refused={!mayWrite && "Your role cannot connect Git providers; admins and owners can"} onClick={() => make(true)}>
      Connect a Git provider
    </NewButton>
  );
  return (
    <div>
      <Introduction actions={create}>
        For objects that Argo CD or Flux manages, executions open a pull request in the repository, wait until it is merged and applied, and
        verify the result.
      </Introduction>
      {!mayRead ? (
        <NoAccess to="view connections to Git providers" />
      ) : query.isPending ? (
        <Loading label="Loading connections" rows={3} />
      ) : query.isLoadingError ? (
        <Failed error={query.error} what="Could not load the connections" retry={() => void query.refetch()} />
      ) : query.data.forges.length === 0 ? (
        <Empty title="No Git provider connected" action={create}>
          Connect the GitHub, GitLab, Gitea or Forgejo that hosts the repositories that Argo CD or Flux applies.
        </Empty>
      ) : (
        <ForgeTable forges={query.data.forges} mayWrite={mayWrite} />
      )}
      {isMaking && <ForgeDialog onClose={() => make(false)} />}
    </div>
  );
}

type Opened = { what: "edit" | "test" | "webhook" | "delete"; forge: Forge } | null;

function ForgeTable({ forges, mayWrite }: { forges: Forge[]; mayWrite: boolean }) {
  const [opened, open] = useState<Opened>(null);
  const close = () => open(null);
  const buttons = (forge: Forge) =>
    mayWrite && (
      <span className="inline-flex gap-1.5">
        <Button small icon={<PlugZap aria-hidden />} aria-label={`Test ${forge.name}`} onClick={() => open({ what: "test", forge })}>
          Test
        </Button>
        <MoreMenu of={forge.name}>
          <MenuItem onSelect={() => open({ what: "edit", forge })}>Edit…</MenuItem>
          <MenuItem onSelect={() => open({ what: "webhook", forge })}>Webhook…</MenuItem>
          <MenuLine />
          <MenuItem onSelect={() => open({ what: "delete", forge })}>Delete…</MenuItem>
        </MoreMenu>
      </span>
    );
  return (
    <>
      <Table label="Git providers" head={["Name", "Kind", "Repositories", "Branches", <span className="sr-only">Actions</span>]}>
        {forges.map((forge) => (
          <Row key={forge.id}>
            <Cell className="max-w-md min-w-40">
              <span className="font-medium break-words">{forge.name}</span>
              <span className="block font-mono text-xs break-all text-muted">{forge.url}</span>
              <span className="mt-1 block max-sm:hidden lg:hidden">{buttons(forge)}</span>
            </Cell>
            <Cell>{KINDS[forge.kind].name}</Cell>
            <Cell className="max-w-xs min-w-36 font-mono text-xs break-all">{forge.repositories.join(", ")}</Cell>
            <Cell className="font-mono text-xs break-all text-muted">{forge.branchPrefix}…</Cell>
            <Cell className="text-right whitespace-nowrap sm:max-lg:hidden">{buttons(forge)}</Cell>
          </Row>
        ))}
      </Table>
      {opened?.what === "edit" && <ForgeDialog forge={opened.forge} onClose={close} />}
      {opened?.what === "test" && <TestDialog forge={opened.forge} onClose={close} />}
      {opened?.what === "webhook" && <ForgeWebhookDialog forge={opened.forge} onClose={close} />}
      {opened?.what === "delete" && (
        <DeleteDialog name={opened.forge.name} path={forgePath(opened.forge.id)} list={["forges"]} onClose={close}>
          Also deletes its token. Open pull requests stay as they are; the executions that wait for them fail. This cannot be undone.
        </DeleteDialog>
      )}
    </>
  );
}

function TestDialog({ forge, onClose }: { forge: Forge; onClose: () => void }) {
  const test = useQuery({
    queryKey: ["forgeTest", forge.id, forge.version],
    queryFn: ({ signal }) => send<ForgeTest>("POST", forgePath(forge.id, "/test"), { body: {}, signal }),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Test ${forge.name}`}
      footer={
        <>
          <Button busy={test.isFetching} onClick={() => void test.refetch()}>
            Test again
          </Button>
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        </>
      }
    >
      {test.isPending ? (
        <Loading label={`Asking ${forge.url}`} rows={2} />
      ) : !test.data ? (
        <Failed error={test.error} what="Could not test the connection" retry={() => void test.refetch()} />
      ) : (
        <ul aria-label="Result" className="flex flex-col gap-2">
          <Line isGood={!test.data.message}>
            {test.data.message ?? (
              <>
                The token belongs to <span className="font-mono text-xs">{test.data.account}</span>.
              </>
            )}
          </Line>
          {test.data.repositories.map((one) => (
            <Line key={one.repository} isGood={one.ok}>
              <span className="font-mono text-xs">{one.repository}</span>:{" "}
              {one.ok ? `pull requests can be opened (default branch ${one.defaultBranch})` : one.message}
            </Line>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

const Line = ({ isGood, children }: { isGood: boolean; children: React.ReactNode }) => (
  <li className="flex items-start gap-2">
    <Glyph tone={isGood ? "ok" : "critical"} className="mt-1.5" />
    <span className="min-w-0 break-words">
      <span className="sr-only">{isGood ? "Passed: " : "Failed: "}</span>
      {children}
    </span>
  </li>
);
