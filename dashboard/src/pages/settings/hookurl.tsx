import { Button, useCopy } from "../../parts";

/** The address of this server to which another service sends its events. */
export function HookUrl({ label, path }: { label: string; path: string }) {
  const url = `${location.origin}${path}`;
  const [status, copy] = useCopy();
  return (
    <div>
      <p className="mb-1 font-medium">{label}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 font-mono text-xs break-all select-all">{url}</code>
        <Button small onClick={() => void copy(url, null)}>
          Copy URL
        </Button>
      </div>
      <p aria-live="polite" className="min-h-4 text-xs text-muted">
        {status}
      </p>
    </div>
  );
}

/** Of a webhook for on-call alerts: an acknowledgment there counts here. */
export const EVENTS_OF_SERVICE = "URL for the events of the service";
