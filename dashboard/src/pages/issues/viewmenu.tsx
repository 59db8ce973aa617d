// Saved views above the issue list: a menu to open, save and change them, and a line that says when the list no longer shows what the open one says.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Bookmark, Check, ChevronDown } from "lucide-react";
import { useState } from "react";
import { send } from "../../api/client";
import { isLimited, may, meQuery } from "../../api/session";
import { Button, copyText, counted, cx, Empty, Failed, Loading, Menu, MenuItem, MenuLabel, MenuLine, toast, toastError } from "../../parts";
import { type IssueSearch, SORT } from "./filter";
import { DeleteViewDialog, ViewDialog } from "./viewdialog";
import { displayOf, isChanged, NO_FILTER, opened, queryOf, type View, viewsQuery } from "./views";

/** The whole filter in place of the one before. */
type Show = (search: IssueSearch) => void;

export interface OpenView {
  /** The view that the address names; undefined while the views are read, and if there is none of this id. */
  view: View | undefined;
  isChanged: boolean;
  mayChange: boolean;
}

export function useOpenView(search: IssueSearch): OpenView {
  const { data: me } = useQuery(meQuery);
  const { data: views } = useQuery({ ...viewsQuery, enabled: search.view !== undefined && !isLimited(me) });
  const view = views?.find((one) => one.id === search.view);
  return { view, isChanged: !!view && isChanged(search, view), mayChange: !!view && (!view.shared || may(me, "issues:write")) };
}

type Asked = "save" | "edit" | "delete" | null;

export function ViewMenu({ search, show }: { search: IssueSearch; show: Show }) {
  const { view, isChanged: isOther, mayChange } = useOpenView(search);
  const update = useUpdate();
  const [asked, ask] = useState<Asked>(null);
  const { data: me } = useQuery(meQuery);
  if (isLimited(me)) return null; // views belong to the organization
  return (
    <>
      <Menu
        align="end"
        trigger={
          <button
            type="button"
            aria-label={view ? `Saved views: ${view.name}${isOther ? ", changed" : ""}` : "Saved views"}
            className={cx(
              "mb-1 flex h-8 max-w-52 min-w-0 shrink-0 items-center gap-1.5 rounded-sm border px-2 text-sm hover:bg-hover max-sm:max-w-36",
              view ? "border-accent bg-selected" : "border-control/60",
            )}
          >
            <Bookmark aria-hidden className="size-3.5 shrink-0 text-muted" />
            <span className="truncate">{view?.name ?? "Views"}</span>
            <ChevronDown aria-hidden className="size-3.5 shrink-0 text-muted" />
          </button>
        }
      >
        <SavedViews open={search.view} show={show} />
        <MenuLine />
        {view && isOther && mayChange && <MenuItem onSelect={() => void update(view, search)}>Update view</MenuItem>}
        {view && isOther && <MenuItem onSelect={() => show(opened(view))}>Discard changes</MenuItem>}
        <MenuItem onSelect={() => ask("save")}>{view ? "Save as new view…" : "Save view…"}</MenuItem>
        {view && mayChange && <MenuItem onSelect={() => ask("edit")}>Rename or share…</MenuItem>}
        {view && <MenuItem onSelect={() => void copyLink(view)}>Copy link</MenuItem>}
        {view && mayChange && <MenuItem onSelect={() => ask("delete")}>Delete view…</MenuItem>}
      </Menu>
      <Dialogs asked={asked} view={view} search={search} show={show} onClose={() => ask(null)} />
    </>
  );
}

/** What the menu and the buttons of the list open. */
function Dialogs({
  asked,
  view,
  search,
  show,
  onClose,
}: {
  asked: Asked;
  view: View | undefined;
  search: IssueSearch;
  show: Show;
  onClose: () => void;
}) {
  if (asked === "save" || (asked === "edit" && view))
    return (
      <ViewDialog
        of={asked === "edit" ? view! : null}
        search={search}
        onSaved={(saved) => asked === "save" && show(opened(saved))}
        onClose={onClose}
      />
    );
  if (asked === "delete" && view)
    return <DeleteViewDialog view={view} onDeleted={() => show({ ...search, view: undefined })} onClose={onClose} />;
  return null;
}

/** The views as items; their counts are those of the moment in which the menu opens. */
function SavedViews({ open, show }: { open: string | undefined; show: Show }) {
  const { data: views, isPending } = useQuery({ ...viewsQuery, staleTime: 0 });
  if (isPending) return <p className="px-2 py-1.5 text-muted">Loading…</p>;
  if (!views) return <p className="max-w-60 px-2 py-1.5 text-muted">Could not load saved views.</p>;
  if (!views.length) return <p className="max-w-60 px-2 py-1.5 text-muted">No saved views</p>;
  const groups: [string, View[]][] = [
    ["Your views", views.filter((one) => !one.shared)],
    ["Shared views", views.filter((one) => one.shared)],
  ];
  return groups.map(
    ([title, found]) =>
      found.length > 0 && (
        <div key={title} role="group" aria-label={title}>
          <MenuLabel>{title}</MenuLabel>
          {found.map((one) => (
            <MenuItem key={one.id} onSelect={() => show(opened(one))}>
              <span className="flex w-4 shrink-0">{one.id === open && <Check aria-hidden className="size-4" />}</span>
              <span className="max-w-56 min-w-0 flex-1 truncate" title={one.query}>
                {one.name}
                {one.id === open && <span className="sr-only">, current</span>}
              </span>
              <span className="pl-3 text-xs text-muted">
                {counted(one.openIssues)}
                <span className="sr-only"> open</span>
              </span>
            </MenuItem>
          ))}
        </div>
      ),
  );
}

function useUpdate() {
  const client = useQueryClient();
  return async (view: View, search: IssueSearch) => {
    try {
      const body = { query: queryOf(search), sort: search.sort ?? SORT, display: displayOf(search) };
      await send<View>("PATCH", `/v1/views/${view.id}`, { body, ifVersion: view.version });
      toast(`View updated: ${view.name}`);
    } catch (error) {
      toastError(error);
    }
    await client.invalidateQueries({ queryKey: viewsQuery.queryKey });
  };
}

async function copyLink(view: View): Promise<void> {
  const isCopied = await copyText(`${location.origin}/issues?view=${view.id}`);
  toast(isCopied ? "Link copied" : "Could not copy the link", { tone: isCopied ? "ok" : "medium" });
}

/** Said while the list shows something else than the view that it was opened with. */
export function ChangedSinceSaved({ search, show }: { search: IssueSearch; show: Show }) {
  const { view, isChanged: isOther, mayChange } = useOpenView(search);
  const update = useUpdate();
  const [asked, ask] = useState<Asked>(null);
  if (!view || !isOther) return null;
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-1.5">
      <p role="status" className="min-w-0 break-words">
        The filter differs from the view “{view.name}”.
      </p>
      <span className="flex flex-wrap gap-1.5">
        {mayChange && (
          <Button small onClick={() => void update(view, search)}>
            Update view
          </Button>
        )}
        <Button small onClick={() => ask("save")}>
          Save as new view
        </Button>
        <Button small kind="quiet" onClick={() => show(opened(view))}>
          Discard changes
        </Button>
      </span>
      <Dialogs asked={asked} view={view} search={search} show={show} onClose={() => ask(null)} />
    </div>
  );
}

/** In place of a list whose view is still read, cannot be read, or does not exist. */
export function Unopened({ isFound, show }: { isFound: boolean; show: Show }) {
  const { error, isLoadingError, isPending, refetch } = useQuery(viewsQuery);
  if (isLoadingError) return <Failed error={error} what="Could not load the view" retry={() => void refetch()} />;
  if (isPending || isFound) return <Loading />;
  return (
    <Empty title="View not found" action={<Button onClick={() => show(NO_FILTER)}>View open issues</Button>}>
      It was deleted, or it is not shared with you.
    </Empty>
  );
}

export function SaveView({ search, show }: { search: IssueSearch; show: Show }) {
  const [asked, ask] = useState<Asked>(null);
  return (
    <>
      <Button kind="quiet" small icon={<Bookmark />} onClick={() => ask("save")}>
        Save view
      </Button>
      <Dialogs asked={asked} view={undefined} search={search} show={show} onClose={() => ask(null)} />
    </>
  );
}
