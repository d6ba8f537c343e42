/** "true", "yes", "1" and the like; undefined for '' and for what says neither. */
export function readTruth(text: string): boolean | undefined {
  switch (text.toLowerCase()) {
    case 'true':
    case 'yes':
    case 'y':
    case 't':
    case '1':
      return true;
    case 'false':
    case 'no':
    case 'n':
    case 'f':
    case '0':
      return false;
    default:
      return undefined;
  }
}
