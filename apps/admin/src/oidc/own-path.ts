/** A path of our own pages to go on to after signing in; whatever else it might be, such as the address of another site, is the first page. */
export function ownPath(text: string | undefined): string {
  if (text === undefined || !/^\/(?![/\\])[\w\-./?=&%]*$/.test(text)) return '/';
  const { origin, pathname, search } = new URL(text, 'http://own.invalid');
  return origin === 'http://own.invalid' && !pathname.startsWith('//') ? `${pathname}${search}` : '/';
}
