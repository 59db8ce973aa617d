// The state of a form or dialog that sends one request.
import { useRef, useState } from "react";
import { fieldsOf } from "./fields";
import { isWithdrawn } from "./withdrawn";

type Errors = Record<string, string>;

/** Drops the fields without an error. */
const present = (found: Record<string, string | false | undefined>): Errors =>
  Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => Boolean(entry[1])));

/**
 * `submit` runs a request and sets `isBusy` meanwhile; another one before it has ended is not run.
 * `errors` holds the messages of the last attempt by field, `form` for the whole form.
 * `check` takes what is wrong with each field before the request; it returns whether nothing is.
 */
export function useSubmit(errorsOf: (error: unknown) => Errors = fieldsOf) {
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);
  const submit = async (request: () => Promise<void>): Promise<void> => {
    if (isRunning.current) return;
    isRunning.current = true;
    setErrors({});
    setBusy(true);
    try {
      await request();
    } catch (error) {
      if (!isWithdrawn(error)) setErrors(errorsOf(error));
    } finally {
      isRunning.current = false;
      setBusy(false);
    }
  };
  const check = (found: Record<string, string | false | undefined>): boolean => {
    const wrong = present(found);
    setErrors(wrong);
    return Object.keys(wrong).length === 0;
  };
  return { errors, isBusy, submit, check };
}
