// A line of small bars, one for each span of time, beside a number. It says no more than the sentence in `label`, which is read in its place.

interface SparklineProps {
  values: readonly number[];
  /** What the picture shows, as a sentence with its numbers. */
  label: string;
}

const BAR = 3;
const STEP = 4;
const HEIGHT = 20;
const LEAST = 1; // of an empty span, so that the line of time is seen

export function Sparkline({ values, label }: SparklineProps) {
  const most = Math.max(...values, 1);
  const width = values.length * STEP - (STEP - BAR);
  return (
    <span className="inline-flex shrink-0" title={label}>
      <svg viewBox={`0 0 ${width} ${HEIGHT}`} width={width} height={HEIGHT} aria-hidden className="text-control">
        {values.map((value, at) => {
          const height = value ? Math.max(LEAST * 2, (value / most) * HEIGHT) : LEAST;
          return <rect key={at} x={at * STEP} y={HEIGHT - height} width={BAR} height={height} fill="currentColor" />;
        })}
      </svg>
      <span className="sr-only">{label}</span>
    </span>
  );
}
