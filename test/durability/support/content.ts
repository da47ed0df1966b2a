/** A content of so many bytes that tells whose it is, and whether it is whole. */
export function content(mark: string, size: number): Buffer {
  return Buffer.alloc(size, `${mark}:${size}|`, "latin1");
}

/**
 * The mark of a content.
 *
 * @throws {Error} where it is not one that was uploaded, from its first byte to its last
 */
export function markOf(text: string): string {
  const [, mark, size] = /^([^:|]+):(\d+)\|/.exec(text) ?? [];
  if (mark === undefined || content(mark, Number(size)).toString("latin1") !== text)
    throw new Error(`A content of ${text.length} bytes is not whole: ${text.slice(0, 60)}`);
  return mark;
}
