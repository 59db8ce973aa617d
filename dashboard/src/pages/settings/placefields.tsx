// The fields of a role in some clusters and namespaces, for a member and for a rule of an identity provider.
import { Field, Options, SelectField, TextField } from "../../parts";
import { ClusterPicker, NamespaceField } from "../names";

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);
const labelsOf = (text: string) =>
  Object.fromEntries(words(text).map((one) => [one.split("=", 1)[0]!, one.slice(one.indexOf("=") + 1)] as const));

/** Texts as they are typed. */
export const NO_PLACE = { role: "viewer", clusters: "", labels: "", namespaces: "" };
export type PlaceDraft = typeof NO_PLACE;

/** The place as it is sent. */
export const bodyOfPlace = ({ role, clusters, labels, namespaces }: PlaceDraft) => ({
  role,
  clusters: words(clusters).length ? words(clusters) : undefined,
  namespaces: words(namespaces).length ? words(namespaces) : undefined,
  clusterLabels: words(labels).length ? labelsOf(labels) : undefined,
});

interface PlaceFieldsProps {
  value: PlaceDraft;
  errors: Record<string, string>;
  onChange: (value: PlaceDraft) => void;
}

export function PlaceFields({ value, errors, onChange }: PlaceFieldsProps) {
  const set = (change: Partial<PlaceDraft>) => onChange({ ...value, ...change });
  return (
    <>
      <SelectField label="Role" value={value.role} error={errors.role} onChange={(role) => set({ role })}>
        <Options of={["viewer", "operator", "admin"]} />
      </SelectField>
      <Field label="Clusters" hint="Names, separated by commas. Empty: all clusters." error={errors.clusters}>
        {(ids) => <ClusterPicker {...ids} several value={value.clusters} onChange={(clusters) => set({ clusters })} />}
      </Field>
      <TextField
        label="Cluster labels"
        hint="Such as env=prod. Includes clusters that get these labels later."
        value={value.labels}
        error={errors.clusterLabels}
        onChange={(labels) => set({ labels })}
      />
      <NamespaceField
        several
        label="Namespaces"
        hint="Names, separated by commas. Empty: whole clusters."
        cluster={words(value.clusters).join(",")}
        error={errors.namespaces}
        value={value.namespaces}
        onChange={(namespaces) => set({ namespaces })}
      />
    </>
  );
}
