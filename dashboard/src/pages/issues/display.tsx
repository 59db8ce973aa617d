// How the issue list looks: its density and its columns, kept in this browser, and its groups, kept in the address.
import { Columns3 } from "lucide-react";
import { IconButton, Menu, MenuCheck, MenuItem, MenuLabel, MenuLine } from "../../parts";
import { prefer, usePreferences } from "../../parts/preferences";
import { COLUMNS, USUAL_COLUMNS } from "./columns";
import { GROUPS } from "./groups";

export function DisplayMenu({ group, onGroup }: { group: string | undefined; onGroup: (group: string | undefined) => void }) {
  const { density, issueColumns } = usePreferences();
  const chosen = issueColumns ?? USUAL_COLUMNS;
  const toggle = (id: string) => {
    const next = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id];
    prefer({ issueColumns: [...next].sort().join() === [...USUAL_COLUMNS].sort().join() ? null : next });
  };
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
      <MenuCheck checked={density === "compact"} onChange={(isCompact) => prefer({ density: isCompact ? "compact" : "comfortable" })}>
        Compact
      </MenuCheck>
      <MenuLine />
      <MenuLabel>Group by</MenuLabel>
      {GROUPS.map(([by, name]) => (
        <MenuCheck key={by} checked={group === by} onChange={(isOn) => onGroup(isOn ? by : undefined)}>
          Group by {name.toLowerCase()}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuLabel>Columns, where there is room</MenuLabel>
      {COLUMNS.map((one) => (
        <MenuCheck key={one.id} checked={chosen.includes(one.id)} onChange={() => toggle(one.id)}>
          {one.name}
        </MenuCheck>
      ))}
      <MenuLine />
      <MenuItem
        disabled={issueColumns === null && density === "comfortable"}
        onSelect={() => prefer({ issueColumns: null, density: "comfortable" })}
      >
        Reset
      </MenuItem>
    </Menu>
  );
}
