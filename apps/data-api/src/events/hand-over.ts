import { lastEventIdOf } from '@hallpass/domain';
import { Injectable } from '@nestjs/common';
import { RosterRepository, type Place } from '../reading/roster.repository.js';
import type { View } from '../versions/view.js';

/** Leads from the end of a pull to the events that continue it: without a gap, and without an overlap. */
@Injectable()
export class HandOver {
  constructor(private readonly repository: RosterRepository) {}

  /** Where the events after a picture begin. The pin is as links carry it: a seq of the one place, or an edition. */
  async handOver(version: View['version'], place: Place | undefined, pin: string): Promise<string> {
    const edition = pin.startsWith('e') ? Number(pin.slice(1)) : await this.#editionOf(place, pin);
    return `/${version}/events?starting_after=${lastEventIdOf(edition)}`;
  }

  async #editionOf(place: Place | undefined, pin: string): Promise<number> {
    return place ? this.repository.editionOf(place.districtId, Number(pin)) : 0;
  }
}
