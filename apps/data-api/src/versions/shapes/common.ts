import { object, text } from '../shape.js';

export const name = object('Name', { first: text, last: text, middle: text });
/** Of administrators in v2, who have no middle name there. */
export const adminName = object('AdminName', { first: text, last: text });
export const location = object('Location', {
  address: text,
  city: text,
  lat: text,
  lon: text,
  state: text,
  zip: text,
});
export const principal = object('Principal', { email: text, name: text });
export const credentials = object('Credentials', { district_username: text });

/** What every record is sure to show. */
export const IDENTIFIED = ['id', 'district'];
