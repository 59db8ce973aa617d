// Labels as people type them: `key=value`, one per line or with commas.

export function parsed(text: string): Record<string, string> | string {
  const labels: Record<string, string> = {};
  for (const part of text.split(/[\n,]/).map((one) => one.trim())) {
    if (!part) continue;
    const at = part.search(/[=:]/);
    if (at <= 0) return `“${part}” is not a label. Use key=value`;
    labels[part.slice(0, at).trim()] = part.slice(at + 1).trim();
  }
  return labels;
}

export const written = (labels: Record<string, string>) =>
  Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .join("\n");
