// The objects around one object as a tree: its owners above, what it owns below, failures first, long groups cut.
import { RANK, toneOfResource } from "./kinds";
import type { Resource, Tree } from "./queries";

export const GROUP_CAP = 100;

export interface Node {
  resource: Resource;
  children: Node[];
  /** How many of its children, by kind, are left out because of the cap. */
  hidden: [kind: string, count: number][];
  isSelf: boolean;
}

const nameOf = (one: { kind: string; name: string }) => `${one.kind}/${one.name}`;

export function treeOf(tree: Tree, cap = GROUP_CAP): Node {
  const byOwner = new Map<string, Resource[]>();
  for (const child of tree.children) {
    const owner = child.owner ? nameOf(child.owner) : nameOf(tree.root);
    const siblings = byOwner.get(owner);
    if (siblings) siblings.push(child);
    else byOwner.set(owner, [child]);
  }
  const seen = new Set<string>();
  const below = (resource: Resource): Node => {
    seen.add(resource.id);
    const owned = (byOwner.get(nameOf(resource)) ?? []).filter((one) => !seen.has(one.id));
    const kinds = new Map<string, Resource[]>();
    for (const one of owned) kinds.set(one.kind, [...(kinds.get(one.kind) ?? []), one]);
    const kept: Node[] = [];
    const hidden: Node["hidden"] = [];
    for (const [kind, group] of kinds) {
      const ordered = group.sort((a, b) => RANK[toneOfResource(a)] - RANK[toneOfResource(b)] || a.name.localeCompare(b.name));
      kept.push(...ordered.slice(0, cap).map(below));
      if (ordered.length > cap) hidden.push([kind, ordered.length - cap]);
    }
    return { resource, children: kept, hidden, isSelf: resource.id === tree.root.id };
  };
  return tree.owners.reduce<Node>((node, owner) => ({ resource: owner, children: [node], hidden: [], isSelf: false }), below(tree.root));
}

export interface Line {
  node: Node;
  level: number;
  parent: string | null;
  position: number;
  siblings: number;
}

/** The nodes in view from top to bottom; what is in `closed` keeps its children to itself. */
export function linesOf(top: Node, closed: ReadonlySet<string>): Line[] {
  const lines: Line[] = [];
  const walk = (node: Node, level: number, parent: string | null, position: number, siblings: number) => {
    lines.push({ node, level, parent, position, siblings });
    if (!closed.has(node.resource.id))
      node.children.forEach((child, index) => walk(child, level + 1, node.resource.id, index + 1, node.children.length));
  };
  walk(top, 1, null, 1, 1);
  return lines;
}
