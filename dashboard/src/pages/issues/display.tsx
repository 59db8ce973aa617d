// How the issue list looks: its density and its columns, kept in this browser unless a saved view has them, and its groups, kept in the address.
import { Columns3 } from "lucide-react";
import { IconButton, Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "../../parts";
import { prefer, usePreferences } from "../../parts/preferences";
import { COLUMNS, USUAL_COLUMNS } from "./columns";
import { type IssueSearch, SORT } from "./filter";
import { GROUPS } from "./groups";
import { displayed } from "./views";

const SORTS = [
  [SORT, "Most severe first"],
  ["-detectedAt", "Newest first"],
  ["detectedAt", "Oldest first"],
  ["-lastSeenAt", "Last seen first"],
] as const;

export function DisplayMenu({ search, change }: { search: IssueSearch; change: (next: Partial<IssueSearch>) => void }) {
  const { density, columns } = displayed(search, usePreferences());
  const chosen = columns ?? USUAL_COLUMNS;
  const show = (issueColumns: string[] | null) =>
    search.columns === undefined ? prefer({ issueColumns }) : change({ columns: (issueColumns ?? USUAL_COLUMNS).join(",") });
  const space = (next: "compact" | "comfortable") => (search.density === undefined ? prefer({ density: next }) : change({ density: next }));
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
    show([...next].sort().join() === [...USUAL_COLUMNS].sort().join() ? null : next);
  };
  const { group } = search;
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Display" className="mb-1">
          <Columns3 />
        </IconButton>
      }
    >
      <MenuLabel>Rows</MenuLabel>
      <MenuCheck checked={density === "compact"} onChange={(isCompact) => space(isCompact ? "compact" : "comfortable")}>
        Compact
      </MenuCheck>
      <MenuLine />
      <MenuLabel>Sort by</MenuLabel>
      {SORTS.map(([by, name]) => (
        <MenuCheck key={by} checked={(search.sort ?? SORT) === by} onChange={() => change({ sort: by === SORT ? undefined : by })}>
          {name}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuLabel>Group by</MenuLabel>
      {GROUPS.map(([by, name]) => (
        <MenuCheck key={by} checked={group === by} onChange={(isOn) => change({ group: isOn ? by : undefined })}>
          Group by {name.toLowerCase()}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuLabel>Columns, if space allows</MenuLabel>
      {COLUMNS.map((one) => (
        <MenuCheck key={one.id} checked={chosen.includes(one.id)} onChange={() => toggle(one.id)}>
          {one.name}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuItem
        disabled={columns === null && density === "comfortable"}
        onSelect={() => {
          show(null);
          space("comfortable");
        }}
      >
        Reset
      </MenuItem>
    </Menu>
  );
}
