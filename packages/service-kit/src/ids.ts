import { parseId, type Id } from '@hallpass/domain';
import { Problem } from './problems/problem.js';
import { Injectable, type PipeTransform } from '@nestjs/common';

/** An id of a path: what is no id names nothing, as an id that does not exist does. */
@Injectable()
export class IdPipe implements PipeTransform<string, Id<string>> {
  transform(text: string): Id<string> {
    const id = parseId<Id<string>>(text);
    if (!id) throw new Problem('not-found', { detail: 'Nothing has this id; ids are 24 hex characters.' });
    return id;
  }
}

export const ID_PATTERN = /^[0-9a-f]{24}$/;
export const ID_MESSAGE = '$property has to be an id: 24 lower-case hex characters';
