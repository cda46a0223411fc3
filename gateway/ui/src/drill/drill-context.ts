import type { WaitingDrill } from '@credential-renewal/gateway/http-types';
import { createContext, useContext } from 'react';
import type { DrillPlace } from './drill-place.ts';

export type DrillReactions = {
  /** Records that the marked button was pressed, and says that it was a drill. Leaves for nowhere. */
  react(place: DrillPlace, drill: WaitingDrill): void;
};

export const DrillContext = createContext<DrillReactions | undefined>(undefined);

export function useDrillReactions(): DrillReactions {
  const reactions = useContext(DrillContext);
  if (reactions === undefined) throw new Error('useDrillReactions needs a DrillProvider above it');
  return reactions;
}
