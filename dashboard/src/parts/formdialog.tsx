// A dialog around a form. Escape, its cross or a click beside it never lose what was entered, nor the response to a request that runs.

import { type ReactNode, useId, useRef, useState } from "react";
import { Button } from "./button";
import { Dialog } from "./dialog";
import { Form, FormError } from "./form";

interface FormDialogProps {
  title: string;
  description?: ReactNode;
  wide?: boolean;
  /** The text of the button that submits. */
  submit: ReactNode;
  kind?: "primary" | "danger";
  /** Shown in front of that text. */
  icon?: ReactNode;
  /** The text of the button that closes the dialog without a change. */
  back?: string;
  /** While true nothing is submitted, and only that button closes the dialog. */
  isBusy?: boolean;
  /** While true nothing closes the dialog. */
  blocking?: boolean;
  disabled?: boolean;
  /** Why nothing was changed; stays in view however long the form is. Errors of single fields belong to them. */
  error?: ReactNode;
  /** Further buttons, in front of the others. */
  actions?: ReactNode;
  /** A dialog over this one. */
  sheet?: ReactNode;
  onSubmit: () => unknown;
  onClose: () => void;
  children?: ReactNode;
}

export function FormDialog({
  title,
  description,
  wide,
  submit,
  kind = "primary",
  icon,
  back = "Cancel",
  isBusy = false,
  blocking = false,
  disabled,
  error,
  actions,
  sheet,
  onSubmit,
  onClose,
  children,
}: FormDialogProps) {
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const backButton = useRef<HTMLButtonElement>(null);
  const left = useRef<Element | null>(null); // what had the focus before the question
  const { note, isChanged } = useEntered(form);
  const [isAsking, ask] = useState(false);
  const leave = () => {
    if (isBusy) return;
    if (isAsking) return stay();
    if (!isChanged()) return onClose();
    left.current = document.activeElement;
    ask(true);
  };
  const stay = () => {
    ask(false);
    if (left.current instanceof HTMLElement) left.current.focus();
  };
  return (
    <Dialog
      open
      wide={wide}
      blocking={blocking}
      onClose={leave}
      initialFocus={(content) => firstField(form.current, content) ?? backButton.current}
      title={title}
      description={description}
      footer={
        isAsking ? (
          <>
            <p role="alert" className="min-w-0 flex-1 self-center max-sm:basis-full">
              Discard what you entered?
            </p>
            <Button autoFocus onClick={stay}>
              Keep editing
            </Button>
            <Button kind="danger" onClick={onClose}>
              Discard
            </Button>
          </>
        ) : (
          <>
            {error && (
              <div className="w-full">
                <FormError>{error}</FormError>
              </div>
            )}
            {actions}
            <Button ref={backButton} disabled={blocking} onClick={onClose}>
              {back}
            </Button>
            <Button kind={kind} type="submit" form={id} busy={isBusy} disabled={disabled} icon={icon}>
              {submit}
            </Button>
          </>
        )
      }
    >
      <Form
        ref={form}
        id={id}
        noValidate
        isBusy={isBusy || disabled || isAsking}
        onSubmit={onSubmit}
        onFocus={note}
        onPointerDown={note}
        onInput={() => ask(false)}
      >
        {children}
      </Form>
      {sheet}
    </Dialog>
  );
}

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const controlsOf = (form: HTMLFormElement | null) =>
  [...(form?.elements ?? [])].filter(
    (one): one is Control => one instanceof HTMLInputElement || one instanceof HTMLSelectElement || one instanceof HTMLTextAreaElement,
  );

const entryOf = (one: Control) => (one.type === "checkbox" || one.type === "radio" ? String((one as HTMLInputElement).checked) : one.value);

/** Whether something was entered that differs from what a control held before. A password alone is quickly typed again. */
function useEntered(form: React.RefObject<HTMLFormElement | null>) {
  const first = useRef(new WeakMap<Control, string>());
  const note = () => {
    for (const one of controlsOf(form.current)) if (!first.current.has(one)) first.current.set(one, entryOf(one));
  };
  const isChanged = () =>
    controlsOf(form.current).some((one) => one.type !== "password" && (first.current.get(one) ?? entryOf(one)) !== entryOf(one));
  return { note, isChanged };
}

/** Where typing begins: the first control, or the whole dialog if that control is out of sight below something to read. */
function firstField(form: HTMLFormElement | null, content: HTMLElement): HTMLElement | null {
  const first = controlsOf(form).find(
    (one) => !one.disabled && !(one as HTMLInputElement).readOnly && (one.type !== "radio" || (one as HTMLInputElement).checked),
  );
  if (!first || !form?.parentElement) return null;
  const isBelow = first.getBoundingClientRect().bottom > form.parentElement.getBoundingClientRect().bottom;
  return isBelow ? content : first;
}
