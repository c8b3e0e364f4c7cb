// Which parts of a page people see.

/** Elements whose text is not for people. */
const SILENT = new Set(
  "script style template noscript iframe object svg math canvas audio video datalist".split(
    " ",
  ),
);

const HIDING =
  /(^|;)\s*(display\s*:\s*none|visibility\s*:\s*(hidden|collapse)|opacity\s*:\s*0*\.?0+\s*(;|!|$)|font-size\s*:\s*0)/i;

/** Characters without a mark or a width: soft hyphens, joiners, tags, signs that turn text. */
const INVISIBLE =
  /[\u00AD\u034F\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E0FFF}]/gu;

export const isText = (node) => node.nodeName === "#text";

/** An attribute of an element, or undefined. */
export function attribute(element, name) {
  return element.attrs?.find((attr) => attr.name === name)?.value;
}

/** Whether an element holds nothing that is for people. */
export const isSilent = (element) => SILENT.has(element.nodeName);

/** Whether an element's own attributes take it out of sight. */
export function isHidden(element) {
  return (
    attribute(element, "hidden") !== undefined ||
    HIDING.test(attribute(element, "style") ?? "")
  );
}

/** The children of an element that people see; `skip` is told of the hidden ones. */
export function* children(element, skip) {
  for (const child of element.childNodes ?? []) {
    if (isText(child)) yield child;
    else if (isSilent(child)) continue;
    else if (isHidden(child)) skip?.(child);
    else yield child;
  }
}

/** Text without characters that nobody sees. */
export const marks = (text) => text.replace(INVISIBLE, "");

/** Text as it is seen: what has no mark is gone, and white space is one space. */
export function seen(text) {
  return marks(text).replace(/[\s\u0000-\u001F]+/g, " ");
}
