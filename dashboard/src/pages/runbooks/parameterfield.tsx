// The input of one declared parameter.
import { useQuery } from "@tanstack/react-query";
import { useId, useMemo, useState } from "react";
import { send } from "../../api/client";
import { asWords, Check, ChoiceSelect, Field, Input, Options } from "../../parts";
import type { ResourcePage } from "../resources/queries";
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
            {(ids) => (
              <Input
                {...ids}
                value={value[part]}
                autoComplete="off"
                spellCheck={false}
                onChange={(event) => onChange({ ...value, [part]: event.target.value })}
              />
            )}
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

/** A text box that offers names out of the cluster's inventory, for the parameters that name something in it. */
function Suggested({
  of,
  ids,
  value,
  values,
  cluster,
  onChange,
}: {
  of: Parameter;
  ids: object;
  value: string;
  values: Values;
  cluster: string | undefined;
  onChange: (value: string) => void;
}) {
  const list = useId();
  const [isAsked, ask] = useState(false);
  const text = (name: string) => (typeof values[name] === "string" && values[name] ? (values[name] as string) : undefined);
  const kind = {
    name: text("kind") ?? (values.kind === undefined ? "Deployment" : undefined),
    pod: "Pod",
    node: "Node",
    namespace: "Namespace",
  }[of.name];
  const wanted =
    of.type === "string" && kind && cluster
      ? { cluster, kind, namespace: of.name === "namespace" || of.name === "node" ? undefined : text("namespace") }
      : null;
  const { data } = useQuery({
    queryKey: ["suggestions", wanted],
    queryFn: ({ signal }) => send<ResourcePage>("GET", "/v1/resources", { query: { ...wanted!, pageSize: 100 }, signal }),
    enabled: isAsked && wanted !== null,
    staleTime: 30_000,
  });
  const names = useMemo(() => [...new Set(data?.resources.map((one) => one.name))], [data]);
  return (
    <>
      <Input
        {...ids}
        list={names.length ? list : undefined}
        inputMode={of.type === "integer" ? "numeric" : undefined}
        className={of.type === "string" ? "font-mono text-xs" : undefined}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onFocus={() => ask(true)}
        onChange={(event) => onChange(event.target.value)}
      />
      {names.length > 0 && (
        <datalist id={list}>
          <Options of={names} />
        </datalist>
      )}
    </>
  );
}
