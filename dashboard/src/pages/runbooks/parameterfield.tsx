// The input of one declared parameter.
import { asWords, Check, ChoiceSelect, Field, Input } from "../../parts";
import { KindPicker, NamespacePicker, ObjectPicker } from "../names";
import type { Values } from "./parameters";
import type { Parameter } from "./queries";

interface FieldProps {
  of: Parameter;
  value: Values[string];
  values: Values;
  cluster: string | undefined;
  error: string | undefined;
  onChange: (value: Values[string]) => void;
}

export function ParameterField({ of, value, values, cluster, error, onChange }: FieldProps) {
  const label = (
    <>
      {asWords(of.name)}
      {!of.required && <span className="font-normal text-muted"> (optional)</span>}
    </>
  );
  const bounds = [of.minimum !== undefined && `at least ${of.minimum}`, of.maximum !== undefined && `at most ${of.maximum}`]
    .filter(Boolean)
    .join(", ");
  const hint = [of.description, bounds].filter(Boolean).join("; ");
  if (of.type === "boolean")
    return (
      <Check checked={value === true} onChange={onChange} hint={hint}>
        {asWords(of.name)}
      </Check>
    );
  if (typeof value === "object")
    return (
      <fieldset className="flex flex-col gap-2 rounded-md border border-line p-3">
        <legend className="px-1 font-medium">{label}</legend>
        {(["kind", "namespace", "name"] as const).map((part) => (
          <Field key={part} label={asWords(part)} error={part === "name" ? error : undefined}>
            {(ids) => <Part ids={ids} part={part} of={value} cluster={cluster} onChange={(text) => onChange({ ...value, [part]: text })} />}
          </Field>
        ))}
      </fieldset>
    );
  return (
    <Field label={label} hint={hint} error={error}>
      {(ids) =>
        of.type === "enum" ? (
          <ChoiceSelect {...ids} none="Choose…" of={of.enum ?? []} value={String(value)} onChange={(chosen = "") => onChange(chosen)} />
        ) : (
          <Suggested of={of} ids={ids} value={String(value)} values={values} cluster={cluster} onChange={onChange} />
        )
      }
    </Field>
  );
}

interface SuggestedProps {
  of: Parameter;
  ids: object;
  value: string;
  values: Values;
  cluster: string | undefined;
  onChange: (value: string) => void;
}

/** A text box, or a picker for the parameters that name something in the cluster. */
function Suggested({ of, ids, value, values, cluster, onChange }: SuggestedProps) {
  const text = (name: string) => (typeof values[name] === "string" && values[name] ? (values[name] as string) : undefined);
  const kind = { name: text("kind") ?? (values.kind === undefined ? "Deployment" : undefined), pod: "Pod", node: "Node" }[of.name];
  const given = { ...ids, value, onChange };
  if (of.type === "string" && cluster && of.name === "namespace") return <NamespacePicker {...given} cluster={cluster} />;
  if (of.type === "string" && cluster && kind)
    return <ObjectPicker {...given} kind={kind} cluster={cluster} namespace={of.name === "node" ? undefined : text("namespace")} />;
  return (
    <Input
      {...ids}
      inputMode={of.type === "integer" ? "numeric" : undefined}
      className={of.type === "string" ? "font-mono text-xs" : undefined}
      autoComplete="off"
      spellCheck={false}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

interface PartProps {
  ids: object;
  part: "kind" | "namespace" | "name";
  of: { kind: string; namespace: string; name: string };
  cluster: string | undefined;
  onChange: (value: string) => void;
}

/** A part of a reference to an object. */
function Part({ ids, part, of, cluster, onChange }: PartProps) {
  const given = { ...ids, value: of[part], onChange };
  if (part === "kind") return <KindPicker {...given} cluster={cluster} />;
  if (part === "namespace") return <NamespacePicker {...given} cluster={cluster} />;
  return <ObjectPicker {...given} kind={of.kind} cluster={cluster} namespace={of.namespace || undefined} />;
}
