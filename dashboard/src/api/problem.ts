// What the server says when something went wrong (RFC 9457), as an Error that screens can show.

export interface FieldError {
  field: string;
  code: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly requestId: string | null = null,
    readonly errors: FieldError[] = [],
    /** Seconds until another try makes sense; null where the server gave none. */
    readonly retryAfterS: number | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }
}

export async function problemOf(response: Response): Promise<Problem> {
  const retryAfter = Number(response.headers.get("retry-after"));
  const wait = Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null;
  const requestId = response.headers.get("x-request-id");
  try {
    const body = (await response.json()) as Record<string, unknown>;
    return new Problem(
      response.status,
      typeof body.code === "string" ? body.code : "unknown",
      typeof body.detail === "string" ? body.detail : String(body.title ?? response.statusText),
      typeof body.requestId === "string" ? body.requestId : requestId,
      Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
      wait,
    );
  } catch {
    return new Problem(response.status, "unknown", `the server returned status ${response.status} without details`, requestId, [], wait);
  }
}

export const unreachable = () =>
  new Problem(0, "unreachable", "Cannot reach the server. Check that it is running and that you are connected.");

/** Whether the same request may succeed later without any change: the server was not reached, or a proxy did not reach it. */
export const isPassing = (error: unknown) => error instanceof Problem && (error.status === 0 || error.status >= 502);
