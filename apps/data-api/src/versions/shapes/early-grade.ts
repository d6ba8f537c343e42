import { oneOf } from '../shape.js';

/** The grades of v1 and v2.0, in the order in which they are attended. */
export const EARLY_GRADES = [
  'PreKindergarten',
  'Kindergarten',
  ...Array.from({ length: 12 }, (_, i) => String(i + 1)),
  'PostGraduate',
  'Other',
];

/** Later grades under the names that were there: the nearest one, or else `Other`. */
export const EARLY_GRADE = oneOf(EARLY_GRADES, {
  InfantToddler: 'Other',
  Preschool: 'Other',
  TransitionalKindergarten: 'Kindergarten',
  13: 'PostGraduate',
  Ungraded: 'Other',
});
