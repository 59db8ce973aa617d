// The text of a runbook, to edit: coloured, completed and described by the schema, marked where the server found a mistake. A chunk of its
// own. It lives in a shadow root, as the YAML of resources does: its styles need no hole in the content security policy.

import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  closeCompletion,
  selectedCompletion,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { indentUnit, syntaxHighlighting } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { type RefObject, useEffect, useRef } from "react";
import { COLOURS, LOOK } from "../../../parts/yamllook";
import type { Mistake } from "./queries";
import { descriptionAt, offersAt, type Schema } from "./schema";

/** What the page does with the editor. */
export interface Handle {
  /** Put another text in the place of the present one; it can be undone. */
  replace: (text: string) => void;
  /** Move the cursor to a line and the focus into the text. */
  show: (line: number) => void;
}

interface Props {
  /** The text to begin with; later ones come by `handle`. */
  start: string;
  schema: Schema | undefined;
  mistakes: readonly Mistake[];
  isReadOnly?: boolean;
  handle: RefObject<Handle | null>;
  onChange: (text: string) => void;
  onSave: () => void;
}

const TOOLTIPS = EditorView.theme({
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line)", borderRadius: "6px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", maxHeight: "16em", maxWidth: "min(34em, 90vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "3px 8px", lineHeight: "18px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": { background: "var(--selected)", color: "var(--text)" },
  ".cm-completionMatchedText": { textDecoration: "none", fontWeight: "600" },
  ".cm-completionDetail": { color: "var(--muted)", fontStyle: "normal" },
  ".cm-tooltip.cm-completionInfo": { padding: "6px 10px", maxWidth: "min(28em, 60vw)" },
  ".about": { padding: "6px 10px", maxWidth: "min(36em, 90vw)", lineHeight: "18px" },
  ".cm-diagnostic": { padding: "6px 10px", borderLeft: "3px solid var(--critical-solid)", color: "var(--text)" },
  ".cm-lintRange-error": {
    backgroundImage: "none",
    textDecoration: "underline wavy var(--critical-solid)",
    textUnderlineOffset: "3px",
  },
  ".cm-lintPoint:after": { borderBottomColor: "var(--critical-solid)" },
  ".cm-lint-marker-error": {
    content: "normal",
    backgroundColor: "var(--critical-solid)",
    borderRadius: "50%",
    width: "9px",
    height: "9px",
  },
  ".cm-gutter-lint": { width: "14px" },
  ".cm-gutter-lint .cm-gutterElement": { padding: "5px 2px" },
});

export default function YamlEditor({ start, schema, mistakes, isReadOnly = false, handle, onChange, onSave }: Props) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const now = useRef({ schema, onChange, onSave });
  now.current = { schema, onChange, onSave };
  const first = useRef(start);
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    const holder = document.createElement("div");
    holder.style.height = "100%";
    root.replaceChildren(holder);
    const made = new EditorView({
      parent: holder,
      root,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          lineNumbers(),
          lintGutter(),
          history(),
          drawSelection(),
          highlightActiveLine(),
          indentUnit.of("  "),
          EditorState.tabSize.of(2),
          EditorState.readOnly.of(isReadOnly),
          Prec.highest(keymap.of([{ key: "Enter", run: endLine }])), // before autocompletion, whose own Enter is as urgent
          autocompletion({ override: [(context) => complete(context, now.current.schema)], icons: false, maxRenderedOptions: 60 }),
          hoverTooltip((editor, position) => describe(editor, position, now.current.schema)),
          keymap.of([
            {
              key: "Mod-s",
              run: () => {
                now.current.onSave();
                return true;
              },
            },
          ]),
          keymap.of([...defaultKeymap, ...historyKeymap, indentWithTab]),
          yaml(),
          syntaxHighlighting(COLOURS),
          LOOK,
          TOOLTIPS,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({
            tabindex: "0",
            "aria-label": "Definition",
            "aria-multiline": "true",
            spellcheck: "false",
            autocapitalize: "off",
          }),
          EditorView.updateListener.of((update) => update.docChanged && now.current.onChange(update.state.doc.toString())),
        ],
      }),
    });
    view.current = made;
    handle.current = {
      replace: (text) => made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: text } }),
      show: (line) => {
        const at = made.state.doc.line(Math.min(Math.max(line, 1), made.state.doc.lines));
        made.dispatch({ selection: { anchor: at.from + /^\s*(?:- )?/.exec(at.text)![0].length }, scrollIntoView: true });
        made.focus();
      },
    };
    return () => {
      handle.current = null;
      view.current = null;
      made.destroy();
    };
  }, [handle, isReadOnly]);
  useEffect(() => {
    const made = view.current;
    if (made) made.dispatch(setDiagnostics(made.state, marks(made.state, mistakes)));
  }, [mistakes]);
  return <div ref={host} className="min-h-0 flex-1 overflow-hidden" />;
}

/** A value that was typed to its end is not completed by Enter: the line ends, as it does without the list. */
function endLine(editor: EditorView): boolean {
  const selected = selectedCompletion(editor.state);
  const { head } = editor.state.selection.main;
  if (selected && selected.type !== "key" && editor.state.sliceDoc(Math.max(0, head - selected.label.length), head) === selected.label)
    closeCompletion(editor);
  return false;
}

/** The mistakes at their lines; one without a line belongs to the first. */
function marks(state: EditorState, mistakes: readonly Mistake[]): Diagnostic[] {
  return mistakes.map((one) => {
    const line = state.doc.line(Math.min(Math.max(one.line ?? 1, 1), state.doc.lines));
    const from = line.from + /^\s*(?:- )?/.exec(line.text)![0].length;
    return {
      from: Math.min(from, line.to),
      to: line.to,
      severity: "error",
      message: `${one.field ? `${one.field}: ` : ""}${one.message}`,
      renderMessage: () => document.createTextNode(`${one.field ? `${one.field}: ` : ""}${one.message}`),
    };
  });
}

function complete(context: CompletionContext, schema: Schema | undefined): CompletionResult | null {
  if (!schema) return null;
  const { from, offers } = offersAt(schema, context.state.doc.toString(), context.pos);
  const typed = context.state.sliceDoc(from, context.pos);
  // By itself it opens in a word and where a value follows, not at each new line.
  const isExpected = typed !== "" || /[:,[{] ?$/.test(context.state.sliceDoc(Math.max(0, context.pos - 2), context.pos));
  if (!offers.length || (!context.explicit && !isExpected)) return null;
  return {
    from,
    validFor: /^[\w${}.-]*$/,
    options: offers.map((one) => ({
      label: one.label,
      type: one.kind,
      detail: one.detail,
      info: one.info ? () => plain(one.info!) : undefined,
      apply: (editor: EditorView) => {
        const text = quoted(one.apply ?? one.label, one.kind === "reference" && isInFlow(editor, from));
        editor.dispatch({
          changes: { from, to: editor.state.selection.main.head, insert: text },
          selection: { anchor: from + (text.endsWith("[]") ? text.length - 1 : text.length) },
          userEvent: "input.complete",
        });
        if (one.kind === "key") startCompletion(editor);
      },
    })),
  };
}

/** In `{…}` the braces of a reference would end the mapping. */
const quoted = (text: string, isNeeded: boolean) => (isNeeded ? `"${text}"` : text);
function isInFlow(editor: EditorView, from: number): boolean {
  const line = editor.state.doc.lineAt(from);
  return /[{[][^}\]"]*$/.test(line.text.slice(0, from - line.from)) && line.text[from - line.from - 1] !== '"';
}

function plain(text: string): HTMLElement {
  const made = document.createElement("div");
  made.textContent = text;
  return made;
}

function describe(editor: EditorView, position: number, schema: Schema | undefined) {
  const found = schema && descriptionAt(schema, editor.state.doc.toString(), position);
  if (!found) return null;
  const dom = plain(found.text);
  dom.className = "about";
  return { pos: found.from, end: found.to, above: true, create: () => ({ dom }) };
}
