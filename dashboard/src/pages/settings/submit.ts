// The state of a form or dialog that sends one request.
import { useState } from "react";
import { isWithdrawn } from "./confirm";
import { fieldsOf } from "./fields";

type Errors = Record<string, string>;

/** `submit` runs a request, sets `isBusy` meanwhile, and keeps what was refused in `errors`, by field; `form` is the form as a whole. */
export function useSubmit(errorsOf: (error: unknown) => Errors = fieldsOf) {
  const [errors, setErrors] = useState<Errors>({});
  const [isBusy, setBusy] = useState(false);
  const submit = async (request: () => Promise<void>): Promise<void> => {
    setErrors({});
    setBusy(true);
    try {
      await request();
    } catch (error) {
      if (!isWithdrawn(error)) setErrors(errorsOf(error));
    } finally {
      setBusy(false);
    }
  };
  return { errors, isBusy, submit };
}
