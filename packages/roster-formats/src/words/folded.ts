/** A word without what people spell differently: case, spaces and the marks between words. */
export function folded(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}
