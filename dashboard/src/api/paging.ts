// The next page of a list whose shown pages are read again meanwhile.

type Read = { data?: { pages: unknown[] } | undefined };
type List = Read & { fetchNextPage: () => Promise<Read & { isError: boolean; hasNextPage: boolean }> };

const TRIES = 5;

/** Reads the next page. If events renew the list meanwhile, the request for the next page is cancelled silently, so it is sent again. */
export async function nextPage(list: List): Promise<void> {
  const shown = list.data?.pages.length ?? 0;
  for (let tries = 0; tries < TRIES; tries++) {
    const { data, isError, hasNextPage } = await list.fetchNextPage();
    if (isError || !hasNextPage || (data?.pages.length ?? 0) > shown) return;
  }
}
