// Pickers of names that the clusters chose: namespaces, objects of a kind, issue types, clusters. They offer what the inventory has; names that do
// not exist yet, and patterns where they are allowed, can be typed.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type ComponentProps, type ReactNode, useEffect, useMemo, useState } from "react";
import { send } from "../api/client";
import { Field } from "../parts";
import { Combobox } from "../parts/combobox";
import { useClusters } from "./clusterselect";
import { namespaces } from "./resources/kinds";
import { countsQuery, type ResourcePage } from "./resources/queries";
import { detectorsQuery } from "./settings/detector";

const OFFERED = 50;
const PAUSE_MS = 150;
type PickerProps = Omit<ComponentProps<typeof Combobox>, "options" | "onSearch">;

/** The names of namespaces, of one cluster (by name or id) or of all. */
export function NamespacePicker({ cluster, ...rest }: PickerProps & { cluster?: string | undefined }) {
  const [isAsked, ask] = useState(false);
  const { data } = useQuery({ ...countsQuery(cluster || undefined), enabled: isAsked, retry: false });
  const names = useMemo(() => namespaces(data?.counts ?? []).map((one) => one.name), [data]);
  return <Combobox {...rest} options={names} onSearch={() => ask(true)} />;
}

interface ObjectPickerProps extends PickerProps {
  kind: string;
  cluster?: string | undefined;
  namespace?: string | undefined;
}

/** The names of objects of a kind; the server looks for the text, so that a large cluster is searched too. */
export function ObjectPicker({ kind, cluster, namespace, ...rest }: ObjectPickerProps) {
  const [text, setText] = useState<string>();
  const [asked, ask] = useState<string>();
  useEffect(() => {
    const timer = setTimeout(() => ask(text), text ? PAUSE_MS : 0);
    return () => clearTimeout(timer);
  }, [text]);
  const query = { kind, cluster, namespace, q: asked ? `"${asked.replaceAll('"', "")}"` : undefined, pageSize: OFFERED };
  const { data } = useQuery({
    queryKey: ["names", query],
    queryFn: ({ signal }) => send<ResourcePage>("GET", "/v1/resources", { query, signal }),
    enabled: asked !== undefined && kind !== "",
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
  const names = useMemo(() => [...new Set(data?.resources.map((one) => one.name))], [data]);
  return <Combobox {...rest} options={names} onSearch={setText} />;
}

/** The names of kinds that the clusters have. */
export function KindPicker({ cluster, ...rest }: PickerProps & { cluster?: string | undefined }) {
  const [isAsked, ask] = useState(false);
  const { data } = useQuery({ ...countsQuery(cluster || undefined), enabled: isAsked, retry: false });
  const kinds = useMemo(() => [...new Set(data?.counts.map((one) => one.kind))], [data]);
  return <Combobox {...rest} options={kinds} onSearch={() => ask(true)} />;
}

export function IssueTypePicker(props: PickerProps) {
  const [isAsked, ask] = useState(false);
  const { data } = useQuery({ ...detectorsQuery({}), enabled: isAsked, retry: false });
  const types = useMemo(() => data?.detectors.map((one) => one.type) ?? [], [data]);
  return <Combobox {...props} options={types} onSearch={() => ask(true)} />;
}

/** Clusters by their names. */
export function ClusterPicker(props: PickerProps) {
  const known = useClusters();
  return <Combobox {...props} options={known.map((one) => one.name)} />;
}

interface PickerFieldProps extends Pick<PickerProps, "value" | "onChange" | "several" | "placeholder"> {
  label: string;
  hint?: ReactNode;
  error?: string | null | undefined;
  disabled?: boolean;
  autoFocus?: boolean;
  cluster?: string | undefined;
}

/** A picker of namespaces with its label. */
export function NamespaceField({ label, hint, error, ...rest }: PickerFieldProps) {
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {(ids) => <NamespacePicker {...ids} maxLength={rest.several ? undefined : 63} {...rest} />}
    </Field>
  );
}

/** A picker of issue types with its label. */
export function IssueTypeField({ label, hint, error, ...rest }: Omit<PickerFieldProps, "cluster">) {
  return (
    <Field label={label} hint={hint} error={error ?? null}>
      {(ids) => <IssueTypePicker {...ids} {...rest} />}
    </Field>
  );
}
