// The one time a key is shown. The dialog stays until the person says the key is stored: no Escape, no click beside it, no cross.
import { useRef } from "react";
import { Check, Copy } from "lucide-react";
import { Button, CodeBlock, Dialog, useCopy } from "../../parts";
import type { CreatedKey } from "./queries";

export function NewKeyDialog({ made, onStored }: { made: CreatedKey; onStored: () => void }) {
  const field = useRef<HTMLElement>(null);
  const [said, copy] = useCopy();
  const curl = `curl -H "Authorization: Bearer ${made.key}" \\\n  ${location.origin}/v1/issues?status=open`;
  return (
    <Dialog
      open
      blocking
      wide
      onClose={onStored}
      title="Store this key now"
      description="It won't be shown again: only a fingerprint of it is kept here."
      footer={
        <Button kind="primary" onClick={onStored}>
          I have stored it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <p className="mb-1 font-medium" id="new-key-name">
            {made.name}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <code
              ref={field}
              tabIndex={0}
              role="textbox"
              aria-readonly="true"
              aria-labelledby="new-key-name"
              onFocus={() => field.current && getSelection()?.selectAllChildren(field.current)}
              className="min-w-0 flex-1 rounded-sm border border-control bg-surface px-3 py-2 font-mono text-base break-all select-all"
            >
              {made.key}
            </code>
            <Button icon={said === "Copied" ? <Check aria-hidden /> : <Copy aria-hidden />} onClick={() => void copy(made.key, field.current)}>
              Copy
            </Button>
          </div>
          <p aria-live="polite" className="mt-1 min-h-4 text-xs text-muted">
            {said}
          </p>
        </div>
        <div>
          <p className="mb-1">Try it:</p>
          <CodeBlock text={curl} label="curl example" wrap />
        </div>
      </div>
    </Dialog>
  );
}
