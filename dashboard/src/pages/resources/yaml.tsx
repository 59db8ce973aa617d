import { Download } from "lucide-react";
import { useState } from "react";
import { Button, CodeBlock, Empty, IconButton, useCopy } from "../../parts";
import { save } from "../../parts/save";
import { lazyPage } from "../lazy";
import { withoutStatus } from "./manifest";
import type { ResourceWithManifest } from "./queries";

const YamlView = lazyPage(() => import("./yamlview"), "default");

export function Yaml({ resource }: { resource: ResourceWithManifest }) {
  const [withStatus, show] = useState(false);
  const [status, copy] = useCopy();
  const [isPlain, setPlain] = useState(false);
  if (!resource.manifest)
    return (
      <Empty title="Your role cannot view manifests">
        This requires the scope resources:manifest, which operators, admins and owners have.
      </Empty>
    );
  const text = withStatus ? resource.manifest : withoutStatus(resource.manifest);
  const label = `YAML of ${resource.name}`;
  return (
    <div className="flex flex-col gap-2 p-4">
      <div className="flex flex-wrap items-center gap-3">
        <label className="flex items-center gap-1.5">
          <input type="checkbox" checked={withStatus} onChange={(event) => show(event.target.checked)} /> Show status
        </label>
        <label className="flex items-center gap-1.5">
          <input type="checkbox" checked={isPlain} onChange={(event) => setPlain(event.target.checked)} /> Plain text
        </label>
        <span className="flex-1" />
        <span aria-live="polite" className="text-xs text-muted">
          {status}
        </span>
        <Button
          small
          onClick={() => {
            if (!navigator.clipboard) setPlain(true);
            void copy(text, document.getElementById("yaml-text"));
          }}
        >
          Copy
        </Button>
        <IconButton label="Download YAML" onClick={() => save(`${resource.kind}-${resource.name}.yaml`, text, "application/yaml")}>
          <Download />
        </IconButton>
      </div>
      <p className="text-xs text-muted">Read-only, as last reported by the agent. Possible secrets were redacted inside the cluster.</p>
      {isPlain ? (
        <div id="yaml-text">
          <CodeBlock tall text={text} label={label} />
        </div>
      ) : (
        <YamlView text={text} label={label} />
      )}
    </div>
  );
}
