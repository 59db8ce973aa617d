// The one time a secret is shown. The dialog stays until the person says it is stored: no Escape, no click beside it, no cross.

import { Check, Copy } from "lucide-react";
import { type ReactNode, useRef } from "react";
import { Button, Dialog, useCopy } from "../../parts";

interface SecretProps {
  title: string;
  description: string;
  name: string;
  secret: string;
  children?: ReactNode;
  onStored: () => void;
}

export function SecretDialog({ title, description, name, secret, children, onStored }: SecretProps) {
  const field = useRef<HTMLElement>(null);
  const [status, copy] = useCopy();
  return (
    <Dialog
      open
      blocking
      wide
      onClose={onStored}
      title={title}
      description={description}
      footer={
        <Button kind="primary" onClick={onStored}>
          I have stored it
        </Button>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <p className="mb-1 font-medium" id="secret-name">
            {name}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <code
              ref={field}
              tabIndex={0}
              role="textbox"
              aria-readonly="true"
              aria-labelledby="secret-name"
              onFocus={() => field.current && getSelection()?.selectAllChildren(field.current)}
              className="min-w-0 flex-1 rounded-sm border border-control bg-surface px-3 py-2 font-mono text-base break-all select-all"
            >
              {secret}
            </code>
            <Button
              icon={status === "Copied" ? <Check aria-hidden /> : <Copy aria-hidden />}
              onClick={() => void copy(secret, field.current)}
            >
              Copy
            </Button>
          </div>
          <p aria-live="polite" className="mt-1 min-h-4 text-xs text-muted">
            {status}
          </p>
        </div>
        {children}
      </div>
    </Dialog>
  );
}
