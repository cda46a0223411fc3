import mongoose, { type Model } from 'mongoose';

/** mongoose refuses a misspelt field in filters and updates; this does so for what it lets through: inserts, sorts and projections. */
export function refuseUnknownFields<T>(model: Model<T>, fields: readonly string[]): void {
  for (const field of fields) {
    const [top = ''] = field.split('.');
    if (model.schema.pathType(top) === 'adhocOrUndefined') {
      throw new mongoose.Error.StrictModeError(field);
    }
  }
}
