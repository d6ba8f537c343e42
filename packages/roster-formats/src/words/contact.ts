import type { ContactRelationship, ContactType, PhoneType } from '@hallpass/domain';
import { folded } from './folded.js';

const RELATIONSHIPS = new Map<string, ContactRelationship>([
  ['parent', 'Parent'],
  ['mother', 'Parent'],
  ['father', 'Parent'],
  ['mom', 'Parent'],
  ['dad', 'Parent'],
  ['stepmother', 'Parent'],
  ['stepfather', 'Parent'],
  ['stepparent', 'Parent'],
  ['grandparent', 'Grandparent'],
  ['grandmother', 'Grandparent'],
  ['grandfather', 'Grandparent'],
  ['self', 'Self'],
  ['auntuncle', 'Aunt/Uncle'],
  ['aunt', 'Aunt/Uncle'],
  ['uncle', 'Aunt/Uncle'],
  ['sibling', 'Sibling'],
  ['brother', 'Sibling'],
  ['sister', 'Sibling'],
]);

const TYPES = new Map<string, ContactType>([
  ['parentguardian', 'Parent/Guardian'],
  ['parent', 'Parent/Guardian'],
  ['guardian', 'Parent/Guardian'],
  ['legalguardian', 'Parent/Guardian'],
  ['emergency', 'Emergency'],
  ['emergencycontact', 'Emergency'],
  ['primary', 'Primary'],
  ['primarycontact', 'Primary'],
  ['secondary', 'Secondary'],
  ['family', 'Family'],
]);

const PHONES = new Map<string, PhoneType>([
  ['cell', 'Cell'],
  ['mobile', 'Cell'],
  ['cellphone', 'Cell'],
  ['home', 'Home'],
  ['work', 'Work'],
  ['office', 'Work'],
  ['other', 'Other'],
]);

/** Words beyond Clever's own are many, and none of them is a fault: they are 'Other'. */
export function readRelationship(text: string): ContactRelationship {
  return RELATIONSHIPS.get(folded(text)) ?? 'Other';
}

export function readContactType(text: string): ContactType {
  return TYPES.get(folded(text)) ?? 'Other';
}

export function readPhoneType(text: string): PhoneType | undefined {
  return text === '' ? undefined : (PHONES.get(folded(text)) ?? 'Other');
}
