/** An XML element that is yet to be written. Attributes that are `undefined` are left out. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Elements, or the element's text. */
  readonly content: readonly XmlElement[] | string;
}

/** Makes an {@link XmlElement}. */
export function element(
  name: string,
  attributes: XmlElement["attributes"] = {},
  content: XmlElement["content"] = [],
): XmlElement {
  return { name, attributes, content };
}

/**
 * Writes a document: the XML declaration, then one line an element, indented by two spaces a level.
 *
 * @example writeXml(element("a", { b: "<" })) // '<?xml version="1.0" encoding="utf-8"?>\n<a b="&lt;" />\n'
 */
export function writeXml(root: XmlElement): string {
  const lines = ['<?xml version="1.0" encoding="utf-8"?>'];
  writeElement(root, "", lines);
  return `${lines.join("\n")}\n`;
}

function writeElement({ name, attributes, content }: XmlElement, indent: string, lines: string[]): void {
  let tag = `${indent}<${name}`;
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value !== undefined) tag += ` ${attribute}="${escapeXml(String(value))}"`;
  }
  if (content.length === 0) {
    lines.push(`${tag} />`);
  } else if (typeof content === "string") {
    lines.push(`${tag}>${escapeXml(content)}</${name}>`);
  } else {
    lines.push(`${tag}>`);
    for (const child of content) writeElement(child, `${indent}  `, lines);
    lines.push(`${indent}</${name}>`);
  }
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * Escapes a text for an attribute's value or an element's content. Line ends and tabs become character references, or
 * a reader would turn them into spaces (XML 1.0, section 3.3.3); characters that no XML 1.0 document can hold become
 * U+FFFD.
 */
export function escapeXml(text: string): string {
  return (
    text
      // eslint-disable-next-line no-control-regex -- it is the control characters that are looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, "\ufffd")
      .replace(/[&<>"]/g, (character) => entities[character]!)
      .replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)
  );
}
