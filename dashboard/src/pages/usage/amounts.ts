/** 1500 → "1.5 cores", 200 → "200m". */
export const cores = (millis: number): string => (millis < 1000 ? `${millis}m` : `${Number((millis / 1000).toFixed(2))} cores`);
