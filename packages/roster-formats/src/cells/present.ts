/** The fields that say something: an empty cell is an absent field. */
export function present<Fields extends Record<string, string | undefined>>(
  fields: Fields,
): { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> } {
  const said: Record<string, string> = {};
  for (const field in fields) {
    const value = fields[field];
    if (value !== undefined && value !== '') said[field] = value;
  }
  return said as { [Field in keyof Fields]?: Exclude<Fields[Field], undefined> };
}
