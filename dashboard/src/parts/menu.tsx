import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check, ChevronRight, MoreHorizontal } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import { cx } from "./style";

const BOX = "z-50 max-h-[min(420px,80vh)] min-w-44 overflow-auto rounded-md border border-line bg-raised p-1 shadow-raised";
const ITEM =
  "flex min-h-8 cursor-pointer items-center gap-2 rounded-sm px-2 text-sm outline-none pointer-coarse:min-h-11 data-[highlighted]:bg-hover data-[disabled]:opacity-50";

export function Menu({ trigger, children, align = "start" }: { trigger: ReactNode; children: ReactNode; align?: "start" | "end" }) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className={BOX}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({ onSelect, disabled, children }: { onSelect: () => void; disabled?: boolean; children: ReactNode }) {
  return (
    <Radix.Item onSelect={onSelect} disabled={disabled} className={ITEM}>
      {children}
    </Radix.Item>
  );
}

/** One of several values that can be on together; the menu stays open. */
export function MenuCheck({
  checked,
  onChange,
  children,
  count,
}: {
  checked: boolean;
  onChange: (next: boolean) => void;
  children: ReactNode;
  count?: number;
}) {
  return (
    <Radix.CheckboxItem checked={checked} onCheckedChange={onChange} onSelect={(event) => event.preventDefault()} className={ITEM}>
      <span
        aria-hidden
        className={cx(
          "flex size-4 shrink-0 items-center justify-center rounded-sm border",
          checked ? "border-accent bg-accent text-on-accent" : "border-control",
        )}
      >
        {checked && <Check className="size-3" strokeWidth={3} />}
      </span>
      <span className="min-w-0 flex-1 truncate">{children}</span>
      {count !== undefined && <span className="text-xs text-muted">{count}</span>}
    </Radix.CheckboxItem>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 py-1 text-xs text-muted">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="my-1 h-px bg-line" />;
}

/** Items that open beside the menu. */
export function MenuSub({ label, disabled, children }: { label: ReactNode; disabled?: boolean; children: ReactNode }) {
  return (
    <Radix.Sub>
      <Radix.SubTrigger disabled={disabled} className={ITEM}>
        <span className="flex-1">{label}</span>
        <ChevronRight aria-hidden className="size-3.5 text-muted" />
      </Radix.SubTrigger>
      <Radix.Portal>
        <Radix.SubContent sideOffset={2} collisionPadding={8} className={BOX}>
          {children}
        </Radix.SubContent>
      </Radix.Portal>
    </Radix.Sub>
  );
}

/** The actions on one row that have no button of their own. */
export function MoreMenu({ of, children }: { of: string; children: ReactNode }) {
  const trigger = (
    <IconButton label={`More actions for ${of}`} className="size-6!">
      <MoreHorizontal />
    </IconButton>
  );
  return (
    <Menu align="end" trigger={trigger}>
      {children}
    </Menu>
  );
}
