const MOST = 10_000; // the server counts no further (docs/api.md, Lists)

/** The total of a list as text: "1,234", or "10,000+" where the server stopped counting. */
export const counted = (total: number): string => total.toLocaleString() + (total >= MOST ? "+" : "");

/** "1 issue", "2 issues". */
export const plural = (number: number, word: string): string => `${counted(number)} ${word}${number === 1 ? "" : "s"}`;
