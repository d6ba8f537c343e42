import { Dice, STREAM } from './random.js';
import type { SchoolLevel } from './shape.js';

const FIRST =
  'Alder Amber Aspen Bear Birch Blue Bright Canyon Cedar Cherry Clear Copper Cottonwood Crystal Eagle Elm Falcon Fern Fox Golden Granite Harbor Hawk Hazel Heron Hickory Juniper Lake Laurel Linden Magnolia Maple Meadow Mill Mission Oak Orchard Osprey Otter Pine Prairie Quail River Sage Silver Stone Sunset Sycamore Timber Valley Walnut Willow'.split(
    ' ',
  );
const SECOND =
  'Bend Bluff Bridge Brook Canyon Creek Crossing Field Forest Gate Glen Grove Heights Hill Hollow Knoll Landing Meadows Mesa Park Point Ranch Ridge Run Springs Summit Terrace Trail View Vista Woods'.split(
    ' ',
  );
const KIND: Readonly<Record<SchoolLevel, string>> = {
  elementary: 'Elementary',
  middle: 'Middle School',
  high: 'High School',
};

/** "Willow Creek Elementary"; no two schools of a district share the first two words until the words run out. */
export function schoolName(seed: number, school: number, level: SchoolLevel): string {
  const count = FIRST.length * SECOND.length;
  const offset = new Dice(seed, STREAM.district).below(count);
  // 1009 is prime and shares no factor with the count, so that this walks through all of them.
  const place = (offset + school * 1009) % count;
  const round = Math.floor(school / count);
  const words = `${FIRST[place % FIRST.length]} ${SECOND[Math.floor(place / FIRST.length)]}`;
  return `${words} ${KIND[level]}${round === 0 ? '' : ` ${round + 1}`}`;
}
