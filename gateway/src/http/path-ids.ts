import { Type } from 'typebox';

const idPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const idExpression = new RegExp(idPattern);

/** Whether it can be an id at all: a UUID in lower case. */
export function isId(text: string): boolean {
  return idExpression.test(text);
}

/** Ids in a path; one that cannot be an id is answered like an unknown one. */
export const PathId = Type.String({ pattern: idPattern });
