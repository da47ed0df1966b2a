/** What a client wrote, cut to a length that fits into a message. */
export function short(text: string): string {
  return text.length <= 60 ? text : `${text.slice(0, 57)}...`;
}
