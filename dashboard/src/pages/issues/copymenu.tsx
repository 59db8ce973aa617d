// What of an issue people paste elsewhere.
import { Copy } from "lucide-react";
import type { Issue } from "../../api/queries";
import { copyText, IconButton, Menu, MenuItem, toast } from "../../parts";
import { markdown } from "./markdown";

export function CopyMenu({ issue }: { issue: Issue }) {
  const url = `${location.origin}/issues/${issue.id}`;
  const copy = async (text: string) => {
    if (await copyText(text)) toast("Copied", { tone: "ok" });
    else toast("The browser did not allow copying", { tone: "medium" });
  };
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Copy…">
          <Copy />
        </IconButton>
      }
    >
      <MenuItem onSelect={() => void copy(url)}>Copy link</MenuItem>
      <MenuItem onSelect={() => void copy(issue.id)}>Copy id</MenuItem>
      <MenuItem onSelect={() => void copy(markdown(issue, url))}>Copy as Markdown</MenuItem>
    </Menu>
  );
}
