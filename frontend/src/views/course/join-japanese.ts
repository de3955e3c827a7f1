const WIDE = "\\u3000-\\u30ff\\u3400-\\u9fff\\uff00-\\uffef";
const BETWEEN_WIDE = new RegExp(`(?<=[${WIDE}])\\n(?=[${WIDE}])|(?<=[、。）」])\\n|\\n(?=[（「])`, "g");

interface TextNode {
  type: string;
  value?: string;
  children?: TextNode[];
}

/** For remark: where a line of Japanese ends in the file nothing stands on the page. Browsers would draw a space. */
export function joinJapanese() {
  return joinBelow;
}

function joinBelow(node: TextNode): void {
  const children = node.children ?? [];
  for (const [place, child] of children.entries()) {
    if (child.type === "text" && child.value !== undefined) {
      child.value = joinLines(child.value, textIn(children[place - 1]).slice(-1), textIn(children[place + 1]).slice(0, 1));
    }
    joinBelow(child);
  }
}

/** The text without those line ends; `before` and `after`: the letters that it stands between. */
export function joinLines(text: string, before = "", after = ""): string {
  const joined = (before + text + after).replace(BETWEEN_WIDE, "");
  return joined.slice(before.length, joined.length - after.length);
}

function textIn(node: TextNode | undefined): string {
  return node?.value ?? node?.children?.map(textIn).join("") ?? "";
}
