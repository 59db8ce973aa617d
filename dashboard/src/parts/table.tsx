// Plain tables: HTML rows, one header style. For lists that can be long see `Virtual`.
import type { ReactNode, TdHTMLAttributes } from "react";
import { cx } from "./style";

interface TableProps {
  head: ReactNode[];
  /** Classes of columns by index, such as those that hide a column on a phone; the cells of the column need them too. */
  columns?: Record<number, string>;
  children: ReactNode;
  label: string;
}

export function Table({ head, columns, children, label }: TableProps) {
  return (
    <div className="scroll-hint relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-left">
        <thead>
          <tr>
            {head.map((one, index) => (
              <th
                key={index}
                scope="col"
                className={cx(
                  "h-8 border-b border-line bg-surface px-3 text-xs font-medium whitespace-nowrap text-muted first:pl-4 last:pr-4",
                  columns?.[index],
                )}
              >
                {one}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** A row; with `onOpen` a click anywhere on it opens what it stands for (its first cell should hold the real link). */
export function Row({ children, onOpen, selected }: { children: ReactNode; onOpen?: () => void; selected?: boolean }) {
  return (
    <tr
      onClick={(event) => {
        if (onOpen && !(event.target as Element).closest("a,button,input,label") && !getSelection()?.toString()) onOpen();
      }}
      className={cx("h-10 border-b border-line", onOpen && "cursor-pointer hover:bg-hover", selected && "bg-selected")}
    >
      {children}
    </tr>
  );
}

export function Cell({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  return <td className={cx("px-3 py-1.5 align-middle first:pl-4 last:pr-4", className)} {...rest} />;
}
