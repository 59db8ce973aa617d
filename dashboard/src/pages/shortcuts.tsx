// The dialog of keyboard shortcuts. Its code is loaded when it is asked for.
import { Dialog, Key } from "../parts";

const ACTIONS: [string, [string[], string][]][] = [
  [
    "Issues",
    [
      [["j"], "Next"],
      [["k"], "Previous"],
      [["o"], "Open (also Enter)"],
      [["a"], "Acknowledge"],
      [["e"], "Resolve"],
      [["s"], "Snooze"],
      [["i"], "Analyze"],
      [["x"], "Select (Shift-click selects a range)"],
      [["/"], "Search"],
      [["."], "Show new issues"],
    ],
  ],
  [
    "Everywhere",
    [
      [["Ctrl", "K"], "Search or run a command"],
      [[":"], "Go to a kind: po ns/shop @prod /api"],
      [["Esc"], "Back"],
      [["["], "Collapse the sidebar"],
      [["?"], "Keyboard shortcuts"],
    ],
  ],
];

export function Shortcuts({ places, onClose }: { places: { key: string; label: string }[]; onClose: () => void }) {
  const go: (typeof ACTIONS)[number] = ["Go", places.map((place) => [["g", place.key], place.label])];
  return (
    <Dialog isText open onClose={onClose} title="Keyboard shortcuts">
      <div className="grid gap-x-8 gap-y-4 sm:grid-cols-2">
        {[go, ...ACTIONS].map(([title, keys]) => (
          <div key={title}>
            <h3 className="mb-1 text-xs font-medium text-muted">{title}</h3>
            <ul>
              {keys.map(([names, what]) => (
                <li key={what} className="flex min-h-7 items-start justify-between gap-2 py-0.5">
                  <span className="min-w-0 py-0.5">{what}</span>
                  <span className="flex shrink-0 gap-1">
                    {names.map((name) => (
                      <Key key={name}>{name}</Key>
                    ))}
                  </span>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </Dialog>
  );
}
