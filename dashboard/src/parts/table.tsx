// Plain tables: HTML rows, one header style. On a phone each row is a card: its first cell is the title, the others have the name of their
// column beside them. For lists that can be long see `Virtual`.
import { Children, createContext, isValidElement, type ReactNode, type TdHTMLAttributes, use } from "react";
import { cx } from "./style";

interface TableProps {
  /** The names of the columns; on a phone, an element (such as one for screen readers alone) is not repeated in the cards. */
  head: ReactNode[];
  /** Classes of columns by index, such as those that hide a column where there is little room; the cells of the column need them too. */
  columns?: Record<number, string>;
  children: ReactNode;
  label: string;
}

const Head = createContext<readonly ReactNode[]>([]);
const Name = createContext<ReactNode>(null);

export function Table({ head, columns, children, label }: TableProps) {
  return (
    <div className="scroll-hint relative overflow-x-auto" tabIndex={0} role="region" aria-label={label}>
      <table className="w-full border-collapse text-left max-sm:block">
        <thead className="max-sm:sr-only">
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
        <tbody className="max-sm:flex max-sm:flex-col max-sm:gap-2 max-sm:p-3">
          <Head value={head}>{children}</Head>
        </tbody>
      </table>
    </div>
  );
}

/** A row of `Cell`s; with `onOpen` a click anywhere on it opens what it stands for (its first cell should hold the real link). */
export function Row({ children, onOpen, selected }: { children: ReactNode; onOpen?: () => void; selected?: boolean }) {
  const head = use(Head);
  return (
    <tr
      onClick={(event) => {
        if (onOpen && !(event.target as Element).closest("a,button,input,label") && !getSelection()?.toString()) onOpen();
      }}
      className={cx(
        "h-10 border-b border-line max-sm:flex max-sm:h-auto max-sm:flex-col max-sm:gap-1 max-sm:rounded-md max-sm:border max-sm:py-2.5",
        onOpen && "cursor-pointer hover:bg-hover",
        selected && "bg-selected",
      )}
    >
      {Children.map(children, (cell, index) => (
        <Name value={index === 0 || isValidElement(head[index]) ? null : head[index]}>{cell}</Name>
      ))}
    </tr>
  );
}

export function Cell({ className, children, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) {
  const name = use(Name);
  const isEmpty = children === null || children === undefined || children === false || children === "";
  return (
    <td
      className={cx(
        "px-3 py-1.5 align-middle first:pl-4 last:pr-4 max-sm:w-auto max-sm:max-w-none max-sm:min-w-0 max-sm:px-3! max-sm:py-0 max-sm:text-left max-sm:whitespace-normal max-sm:first:font-medium",
        isEmpty && "max-sm:hidden",
        !!name && "max-sm:grid max-sm:grid-cols-[7rem_minmax(0,1fr)] max-sm:gap-x-2",
        className,
      )}
      {...rest}
    >
      {name ? (
        <>
          <span aria-hidden className="text-xs leading-5 text-muted sm:hidden">
            {name}
          </span>
          <div className="min-w-0">{children}</div>
        </>
      ) : (
        children
      )}
    </td>
  );
}
