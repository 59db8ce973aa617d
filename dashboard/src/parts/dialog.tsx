import * as Radix from "@radix-ui/react-dialog";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { IconButton } from "./button";
import { cx } from "./style";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: string;
  description?: ReactNode;
  children?: ReactNode;
  footer?: ReactNode;
  /** Only its own buttons close it: no Escape, no click outside, no cross. */
  blocking?: boolean;
  wide?: boolean;
  /** Nothing in it can be focused, so that the keyboard scrolls the whole. */
  isText?: boolean;
  /** What gets the focus when it opens, unless something inside takes it; the first thing that can have it where there is none. */
  initialFocus?: (content: HTMLElement) => HTMLElement | null;
}

export function Dialog({
  open,
  onClose,
  title,
  description,
  children,
  footer,
  blocking = false,
  wide = false,
  isText,
  initialFocus,
}: DialogProps) {
  const focus = (event: Event) => {
    const wanted = initialFocus?.(event.currentTarget as HTMLElement);
    if (!wanted) return;
    event.preventDefault();
    wanted.focus();
  };
  const hold = (event: Event) => blocking && event.preventDefault();
  // Escape in a combobox with an open list closes the list.
  const onEscape = (event: KeyboardEvent) =>
    (blocking || document.activeElement?.matches("[role=combobox][aria-expanded=true][aria-controls]")) && event.preventDefault();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && !blocking && onClose()}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-40 bg-[var(--shade)]" />
        <Radix.Content
          onOpenAutoFocus={focus}
          onEscapeKeyDown={onEscape}
          onInteractOutside={hold}
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "fixed top-1/2 left-1/2 z-50 flex max-h-[90dvh] w-[calc(100vw-24px)] -translate-x-1/2 -translate-y-1/2 flex-col rounded-lg border border-line bg-raised shadow-raised",
            wide ? "max-w-3xl" : "max-w-lg",
          )}
        >
          <div className="flex items-start gap-4 px-5 pt-4 pb-2">
            <div className="min-w-0 flex-1">
              <Radix.Title className="text-lg font-semibold">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-muted">{description}</Radix.Description>}
            </div>
            {!blocking && (
              <Radix.Close asChild>
                <IconButton label="Close" className="-mr-2">
                  <X />
                </IconButton>
              </Radix.Close>
            )}
          </div>
          <div tabIndex={isText ? 0 : undefined} className="min-h-0 flex-1 overflow-auto px-5 pb-4">
            {children}
          </div>
          {footer && <div className="flex flex-wrap justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
