// A small line chart of one measure with its limit. The values are also in a table, for people who cannot see the picture.
import { useId } from "react";
import { exact } from "../../parts/time";

export interface Point {
  at: string;
  value: number;
}

const WIDTH = 240;
const HEIGHT = 48;
const ROOM = 1.08; // above the highest value

interface ChartProps {
  title: string;
  points: Point[];
  limit?: number;
  /** What the dashed line means. */
  limitName: string;
  shown: (value: number) => string;
}

export function Chart({ title, points, limit, limitName, shown }: ChartProps) {
  const label = useId();
  if (points.length < 2) return null;
  const first = Date.parse(points[0]!.at);
  const last = Date.parse(points.at(-1)!.at);
  const top = Math.max(limit ?? 0, ...points.map((one) => one.value), 1) * ROOM;
  const x = (at: string) => ((Date.parse(at) - first) / Math.max(1, last - first)) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * HEIGHT;
  const line = points.map((one) => `${x(one.at).toFixed(1)},${y(one.value).toFixed(1)}`).join(" ");
  return (
    <figure className="min-w-0" aria-labelledby={label}>
      <figcaption id={label} className="text-xs text-muted">
        {title}
        {limit ? `, dashed: ${limitName} ${shown(limit)}` : ""}
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" className="mt-1 h-12 w-full text-accent" aria-hidden>
        <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} fill="currentColor" opacity="0.12" />
        <polyline points={line} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
        {limit && (
          <line
            x1="0"
            x2={WIDTH}
            y1={y(limit)}
            y2={y(limit)}
            className="text-muted"
            stroke="currentColor"
            strokeDasharray="4 3"
            vectorEffect="non-scaling-stroke"
          />
        )}
      </svg>
      <details className="text-xs">
        <summary className="cursor-pointer text-muted">Values</summary>
        <table className="mt-1">
          <thead className="sr-only">
            <tr>
              <th>Time</th>
              <th>{title}</th>
            </tr>
          </thead>
          <tbody>
            {points.map((one) => (
              <tr key={one.at}>
                <td className="pr-4 text-muted">{exact(one.at)}</td>
                <td>{shown(one.value)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}
