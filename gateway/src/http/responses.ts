import { Type } from 'typebox';
import { Problem } from './schemas/index.ts';

const problemContent = { content: { 'application/problem+json': { schema: Problem } } };

/** Every route may answer with a problem document (RFC 9457). */
export const errorResponses = {
  '4xx': { description: 'The request was refused; nothing was changed', ...problemContent },
  '5xx': { description: 'Something failed on our side', ...problemContent },
};

export const NoContent = Type.Null({ description: 'Done' });
