// How a team is found: the sources in their order, and the ownership rules, with the dialogs that change them.

import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { ArrowDown, ArrowUp, Plus } from "lucide-react";
import { useState } from "react";
import { Problem, type Schemas, send } from "../../api/client";
import {
  Button,
  Cell,
  Check,
  capitalize,
  Facts,
  Field,
  FormDialog,
  IconButton,
  Input,
  MenuItem,
  MenuLine,
  MoreMenu,
  Row,
  Section,
  Table,
  TextAreaField,
  toast,
  toastError,
} from "../../parts";
import { fieldsOf } from "./fields";
import { useSubmit } from "./submit";

type Rules = Schemas["OwnerRulesShape"];
type Rule = Schemas["OwnerRuleShape"];
type Source = Rules["order"][number];

export const rulesQuery = queryOptions({
  queryKey: ["ownerRules"],
  queryFn: ({ signal }) => send<Rules>("GET", "/v1/owners/rules", { signal }),
});

const SOURCES: Record<Source, string> = {
  annotation: "annotation of the workload",
  label: "label of the workload",
  namespaceAnnotation: "annotation of the namespace",
  namespaceLabel: "label of the namespace",
  rules: "rules",
};
/** The sources in their order, for people. */
const orderText = (order: Rules["order"]) => order.map((one) => SOURCES[one]).join(", then ");

const ANYTHING: Rule = { team: "", cluster: "*", namespace: "*", kind: "*", name: "*" };
const PATTERNS = ["cluster", "namespace", "kind", "name"] as const;

/** `of`: the rules as they were when the dialog opened; if somebody changes them meanwhile, saving is refused. */
type Opened = { what: "sources" | "edit" | "delete"; at: number; of: Rules };

/** Saves what changed of the rules that were read; the server refuses it if somebody changed them since. */
function useSave(of: Rules) {
  const client = useQueryClient();
  return async (body: Partial<Pick<Rules, "order" | "labels" | "rules">>, text: string) => {
    try {
      client.setQueryData(rulesQuery.queryKey, await send<Rules>("PATCH", "/v1/owners/rules", { body, ifVersion: of.version }));
    } catch (error) {
      if (error instanceof Problem && error.status === 412) void client.invalidateQueries({ queryKey: rulesQuery.queryKey });
      throw error;
    }
    void client.invalidateQueries({ queryKey: ["owners"] });
    toast(text);
  };
}

export function OwnerRules({ of, mayWrite }: { of: Rules; mayWrite: boolean }) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const open = (what: Opened["what"], at = 0) => setOpened({ what, at, of });
  const close = () => setOpened(null);
  const save = useSave(of);
  const move = (from: number, to: number) =>
    void save({ rules: swapped(of.rules, from, to) }, `Rule ${from + 1} is now rule ${to + 1}`).catch(toastError);
  return (
    <Section
      title="How a team is found"
      actions={
        mayWrite && (
          <span className="flex flex-wrap gap-2">
            <Button small onClick={() => open("sources")}>
              Edit sources
            </Button>
            <Button small icon={<Plus aria-hidden />} onClick={() => open("edit", of.rules.length)}>
              New rule
            </Button>
          </span>
        )
      }
    >
      <Facts
        of={[
          ["Order", orderText(of.order)],
          ["Annotations", of.annotations.join(", ")],
          ["Labels", of.labels.join(", ")],
        ]}
      />
      {of.rules.length === 0 ? (
        <p className="py-2 text-muted">No rules.</p>
      ) : (
        <Table label="Rules" head={["Rule", "Team", "Cluster", "Namespace", "Kind", "Name", <span className="sr-only">Actions</span>]}>
          {of.rules.map((rule, at) => (
            <Row key={at}>
              <Cell>{at + 1}</Cell>
              <Cell className="font-medium break-words">{rule.team}</Cell>
              {PATTERNS.map((name) => (
                <Cell key={name} className="font-mono text-xs break-all">
                  {rule[name] === "*" ? <span className="text-muted">any</span> : rule[name]}
                </Cell>
              ))}
              <Cell className="w-10 text-right">
                {mayWrite && <Actions at={at} of={of.rules.length} onOpen={(what) => open(what, at)} onMove={(to) => move(at, to)} />}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
      <p className="py-2 text-muted">
        Of several rules that match an object, the last one decides. {!mayWrite && "Admins and owners can change them."}
      </p>
      {opened?.what === "sources" && <SourcesDialog of={opened.of} onClose={close} />}
      {opened?.what === "edit" && <RuleDialog of={opened.of} at={opened.at} onClose={close} />}
      {opened?.what === "delete" && <DeleteRule of={opened.of} at={opened.at} onClose={close} />}
    </Section>
  );
}

interface ActionsProps {
  at: number;
  of: number;
  onOpen: (what: "edit" | "delete") => void;
  onMove: (to: number) => void;
}

function Actions({ at, of, onOpen, onMove }: ActionsProps) {
  return (
    <MoreMenu of={`rule ${at + 1}`}>
      <MenuItem onSelect={() => onOpen("edit")}>Edit…</MenuItem>
      <MenuItem disabled={at === 0} onSelect={() => onMove(at - 1)}>
        Move up
      </MenuItem>
      <MenuItem disabled={at === of - 1} onSelect={() => onMove(at + 1)}>
        Move down
      </MenuItem>
      <MenuLine />
      <MenuItem onSelect={() => onOpen("delete")}>Delete…</MenuItem>
    </MoreMenu>
  );
}

function swapped<T>(all: T[], one: number, other: number): T[] {
  const made = [...all];
  [made[one], made[other]] = [made[other]!, made[one]!];
  return made;
}

/** The server names a member of a rule `rules.3.team`; the form has one rule. */
function fieldsOfRule(error: unknown): Record<string, string> {
  if (!(error instanceof Problem) || !error.errors.length) return fieldsOf(error);
  return Object.fromEntries(error.errors.map((one) => [one.field.split(".").at(-1)!, one.message]));
}

function RuleDialog({ of, at, onClose }: { of: Rules; at: number; onClose: () => void }) {
  const isNew = at === of.rules.length;
  const [rule, setRule] = useState<Rule>(of.rules[at] ?? ANYTHING);
  const { errors, isBusy, submit, check } = useSubmit(fieldsOfRule);
  const save = useSave(of);
  const onSubmit = () => {
    const made = { ...rule, team: rule.team.trim() };
    for (const name of PATTERNS) made[name] = rule[name].trim() || "*";
    if (!check({ team: !made.team && "Enter a team." })) return;
    return submit(async () => {
      await save({ rules: [...of.rules.slice(0, at), made, ...of.rules.slice(at + 1)] }, `Rule ${at + 1} was saved`);
      onClose();
    });
  };
  const text = (name: keyof Rule, label: string, hint?: string) => (
    <Field key={name} label={label} hint={hint} error={errors[name]}>
      {(ids) => (
        <Input
          {...ids}
          autoComplete="off"
          spellCheck={false}
          autoFocus={name === "team"}
          className={name === "team" ? undefined : "font-mono"}
          value={rule[name]}
          onChange={(event) => setRule((now) => ({ ...now, [name]: event.target.value }))}
        />
      )}
    </Field>
  );
  return (
    <FormDialog
      onClose={onClose}
      title={isNew ? "New rule" : `Edit rule ${at + 1}`}
      description="The team owns each object that matches all patterns, unless a later rule matches it too. * matches any characters."
      submit={isNew ? "Create" : "Save"}
      isBusy={isBusy}
      error={errors.form ?? errors.rules}
      onSubmit={onSubmit}
    >
      {text("team", "Team")}
      <div className="grid gap-4 sm:grid-cols-2">
        {text("cluster", "Cluster", "Name or id.")}
        {text("namespace", "Namespace")}
        {text("kind", "Kind", "Such as Deployment.")}
        {text("name", "Name")}
      </div>
    </FormDialog>
  );
}

function DeleteRule({ of, at, onClose }: { of: Rules; at: number; onClose: () => void }) {
  const { errors, isBusy, submit } = useSubmit();
  const save = useSave(of);
  const onSubmit = () =>
    submit(async () => {
      await save({ rules: of.rules.filter((_, index) => index !== at) }, `Rule ${at + 1} was deleted`);
      onClose();
    });
  return (
    <FormDialog
      onClose={onClose}
      title={`Delete rule ${at + 1}?`}
      submit="Delete"
      kind="danger"
      isBusy={isBusy}
      error={errors.form}
      onSubmit={onSubmit}
    >
      <p>Objects that only this rule assigns to {of.rules[at]?.team} then have no team.</p>
    </FormDialog>
  );
}

/** The sources that are not asked come last. */
function SourcesDialog({ of, onClose }: { of: Rules; onClose: () => void }) {
  const all = [...of.order, ...(Object.keys(SOURCES) as Source[]).filter((one) => !of.order.includes(one))];
  const [sources, setSources] = useState(all.map((name) => ({ name, isAsked: of.order.includes(name) })));
  const [labels, setLabels] = useState(of.labels.join("\n"));
  const { errors, isBusy, submit, check } = useSubmit();
  const save = useSave(of);
  const onSubmit = () => {
    const order = sources.filter((one) => one.isAsked).map((one) => one.name);
    if (!check({ order: !order.length && "Choose at least one source." })) return;
    const keys = labels.split(/[\s,]+/).filter(Boolean);
    return submit(async () => {
      await save({ order, labels: keys }, "The sources were saved");
      onClose();
    });
  };
  return (
    <FormDialog
      onClose={onClose}
      title="Edit sources"
      description="The sources are asked in this order, and the first that names a team decides."
      submit="Save"
      isBusy={isBusy}
      error={errors.form ?? errors.order}
      onSubmit={onSubmit}
    >
      <ul aria-label="Order" className="flex flex-col gap-1">
        {sources.map((one, at) => (
          <li key={one.name} className="flex items-center gap-2">
            <Check
              className="flex-1"
              checked={one.isAsked}
              onChange={(isAsked) => setSources((now) => now.map((each) => (each === one ? { ...each, isAsked } : each)))}
            >
              {capitalize(SOURCES[one.name])}
            </Check>
            <IconButton
              label={`Move up: ${SOURCES[one.name]}`}
              disabled={at === 0}
              onClick={() => setSources(swapped(sources, at, at - 1))}
            >
              <ArrowUp />
            </IconButton>
            <IconButton
              label={`Move down: ${SOURCES[one.name]}`}
              disabled={at === sources.length - 1}
              onClick={() => setSources(swapped(sources, at, at + 1))}
            >
              <ArrowDown />
            </IconButton>
          </li>
        ))}
      </ul>
      <TextAreaField
        label="Labels"
        hint="Keys of labels that name a team, one per line; the first that an object has decides."
        spellCheck={false}
        className="min-h-24 font-mono"
        value={labels}
        error={errors.labels}
        onChange={setLabels}
      />
    </FormDialog>
  );
}
