// YAML to read: coloured, folded, searched with Ctrl-F. A chunk of its own. It lives in a shadow root, where its styles need no inline
// style element and so no hole in the content security policy.

import { yaml } from "@codemirror/lang-yaml";
import { codeFolding, foldEffect, foldGutter, foldKeymap, syntaxHighlighting } from "@codemirror/language";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { COLOURS, LOOK } from "../../parts/yamllook";
import { managedFields } from "./manifest";

export default function YamlView({ text, label }: { text: string; label: string }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const root = host.current!.shadowRoot ?? host.current!.attachShadow({ mode: "open" });
    const holder = document.createElement("div");
    holder.style.height = "100%";
    root.replaceChildren(holder);
    const view = new EditorView({
      parent: holder,
      root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          codeFolding({ placeholderText: "folded" }),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          keymap.of([...searchKeymap, ...foldKeymap]),
          yaml(),
          syntaxHighlighting(COLOURS),
          LOOK,
          EditorState.readOnly.of(true),
          EditorView.contentAttributes.of({ "aria-label": label, "aria-readonly": "true", tabindex: "0" }),
          EditorView.editable.of(false),
        ],
      }),
    });
    const folded = managedFields(text);
    if (folded) view.dispatch({ effects: foldEffect.of(folded) });
    return () => view.destroy();
  }, [text, label]);
  return <div ref={host} className="h-[calc(100dvh-220px)] min-h-72 overflow-hidden rounded-md border border-line" />;
}
