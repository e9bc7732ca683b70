interface TreeNode<Value> {
  readonly label: string;
  value: Value | undefined;
  /** Children by the first code unit of their label. Created with the first child, because most nodes are leaves. */
  children: Map<number, TreeNode<Value>> | undefined;
}

/** Map from texts to values: a radix tree, in which one walk along a text finds the values of all its prefixes. */
export class TextTree<Value> {
  readonly #root: TreeNode<Value> = newNode("");

  set(text: string, value: Value): void {
    let node = this.#root;
    let rest = text;
    while (rest !== "") {
      const first = rest.charCodeAt(0);
      const child = node.children?.get(first);
      if (child === undefined) {
        const leaf = newNode<Value>(rest);
        adopt(node, leaf);
        node = leaf;
        break;
      }
      const shared = sharedLength(child.label, rest);
      node = shared === child.label.length ? child : split(node, child, shared);
      rest = rest.slice(shared);
    }
    node.value = value;
  }

  /** Calls `visit` with the value of each text that is a prefix of `text`, shortest first. */
  visitPrefixes(text: string, visit: (value: Value) => void): void {
    let node = this.#root;
    let position = 0;
    for (;;) {
      if (node.value !== undefined) visit(node.value);
      if (position === text.length) return;
      const child = node.children?.get(text.charCodeAt(position));
      if (child === undefined || !text.startsWith(child.label, position)) return;
      position += child.label.length;
      node = child;
    }
  }
}

function newNode<Value>(label: string): TreeNode<Value> {
  return { label, value: undefined, children: undefined };
}

function adopt<Value>(parent: TreeNode<Value>, child: TreeNode<Value>): void {
  parent.children ??= new Map();
  parent.children.set(child.label.charCodeAt(0), child);
}

/** Inserts a node between `parent` and `child`, where their texts differ. */
function split<Value>(parent: TreeNode<Value>, child: TreeNode<Value>, at: number): TreeNode<Value> {
  const middle = newNode<Value>(child.label.slice(0, at));
  adopt(parent, middle);
  adopt(middle, { ...child, label: child.label.slice(at) });
  return middle;
}

function sharedLength(one: string, other: string): number {
  const limit = Math.min(one.length, other.length);
  let length = 0;
  while (length < limit && one.charCodeAt(length) === other.charCodeAt(length)) length += 1;
  return length;
}

/** Returns the text in reverse order of its code units, so that suffixes become prefixes. */
export function backwards(text: string): string {
  let reversed = "";
  for (let index = text.length - 1; index >= 0; index -= 1) reversed += text.charAt(index);
  return reversed;
}
